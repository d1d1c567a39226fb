"""A provider has delivered, and redeems the voucher by its code: from now on it writes the invoices."""

from uuid import UUID

from services.payments.domain.claims import check_window
from services.payments.domain.orders import check_code, check_order_step
from services.payments.domain.states import OrderState
from services.payments.steps.lodging import facts_of
from services.payments.steps.orders import check_fit, lock_order_of_provider
from services.payments.steps.providers import lock_provider
from services.payments.tables import ClaimDraftRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def redeem_order(context: Context, order_id: UUID, code: str) -> None:
    """Repeating changes nothing. `Refused` 'order-wrong-code', and as `check_fit` and `check_window`; `Conflict` 'order-state'."""
    order, voucher = await lock_order_of_provider(context, order_id)
    check_code(code, voucher.code)
    if order.state == OrderState.REDEEMED:
        return
    check_order_step(order.state, OrderState.ACCEPTED)
    check_window(await facts_of(context, voucher), context.policies.get(voucher.policy_id), context.now)
    payee = await check_fit(context, voucher, await lock_provider(context, order.provider_id), order.service)
    draft = ClaimDraftRow(
        id=new_id(), voucher_id=voucher.id, organisation_id=voucher.organisation_id, region=voucher.region, payee_id=payee.id,
        begun_at=context.now,
    )  # fmt: skip
    context.session.add(draft)
    await context.session.flush()
    order.draft_id, order.redeemed_by, order.redeemed_at = draft.id, context.actor.id, context.now
    order.state = OrderState.REDEEMED
