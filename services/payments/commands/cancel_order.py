"""A beneficiary cancels an order before it is delivered."""

from uuid import UUID

from services.payments.domain.orders import check_order_step
from services.payments.domain.states import OrderState
from services.payments.steps.orders import lock_order_of_beneficiary
from shared.messaging.context import Context


async def cancel_order(context: Context, order_id: UUID) -> None:
    """Repeating changes nothing. `Conflict` 'order-state' once the provider has delivered."""
    order, _ = await lock_order_of_beneficiary(context, order_id)
    if order.state == OrderState.CANCELLED:
        return
    check_order_step(order.state, OrderState.PLACED, OrderState.ACCEPTED)
    order.state, order.ended_at = OrderState.CANCELLED, context.now
