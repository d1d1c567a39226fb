"""A beneficiary objects to a delivery or its invoices: the provider corrects them and invoices again."""

from uuid import UUID

from services.payments.domain.orders import check_order_step
from services.payments.domain.states import OrderState
from services.payments.steps.orders import lock_order_of_beneficiary
from shared.messaging.context import Context


async def object_to_order(context: Context, order_id: UUID, reason: str) -> None:
    """The provider reads the reason. `Conflict` 'order-state'."""
    order, _ = await lock_order_of_beneficiary(context, order_id)
    check_order_step(order.state, OrderState.INVOICED)
    order.state, order.remark = OrderState.REDEEMED, reason
