"""A provider declines an order, with a reason that the beneficiary reads."""

from uuid import UUID

from services.payments.domain.orders import check_order_step
from services.payments.domain.states import OrderState
from services.payments.steps.orders import lock_order_of_provider
from shared.messaging.context import Context


async def decline_order(context: Context, order_id: UUID, reason: str) -> None:
    """The voucher is free for another order. `Conflict` 'order-state'."""
    order, _ = await lock_order_of_provider(context, order_id)
    check_order_step(order.state, OrderState.PLACED)
    order.state, order.remark, order.answered_at, order.ended_at = OrderState.DECLINED, reason, context.now, context.now
