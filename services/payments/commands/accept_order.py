"""A provider accepts an order, in the time that the policy gives it."""

from uuid import UUID

from services.payments.domain.claims import check_window
from services.payments.domain.orders import check_in_time, check_order_step
from services.payments.domain.states import OrderState
from services.payments.steps.lodging import facts_of
from services.payments.steps.orders import check_fit, lock_order_of_provider
from services.payments.steps.providers import lock_provider
from shared.messaging.context import Context


async def accept_order(context: Context, order_id: UUID) -> None:
    """Repeating changes nothing. Raises as `check_fit` and `check_window`; `Refused` 'order-answer-late'; `Conflict` 'order-state'."""
    order, voucher = await lock_order_of_provider(context, order_id)
    if order.state == OrderState.ACCEPTED:
        return
    check_order_step(order.state, OrderState.PLACED)
    policy = context.policies.get(voucher.policy_id)
    check_in_time(order.answer_by, context.now, policy.zone)
    check_window(await facts_of(context, voucher), policy, context.now)
    await check_fit(context, voucher, await lock_provider(context, order.provider_id), order.service)
    order.state, order.answered_at = OrderState.ACCEPTED, context.now
