"""A beneficiary confirms the delivery: its invoices may be lodged as a claim, which is paid to the provider."""

from uuid import UUID

from services.payments.domain.claim_lines import check_line, most_of
from services.payments.domain.orders import check_order_step
from services.payments.domain.states import OrderState
from services.payments.queries.claim_lines import as_line, lines_of
from services.payments.steps.orders import lock_order_of_beneficiary
from services.payments.tables import EnvelopeRow
from shared.messaging.context import Context


async def confirm_order(context: Context, order_id: UUID, vat_recoverable: bool) -> UUID:
    """The draft of the claim, which the caller lodges in the same transaction. `vat_recoverable`: the beneficiary gets the VAT of the
    invoices back, which the provider cannot know. Repeating changes nothing. `Conflict` 'order-state'."""
    order, voucher = await lock_order_of_beneficiary(context, order_id)
    check_order_step(order.state, OrderState.INVOICED, OrderState.CONFIRMED)
    assert order.draft_id is not None, "what is invoiced has its draft"
    if order.state == OrderState.CONFIRMED:
        return order.draft_id
    policy = context.policies.get(voucher.policy_id)
    opens_at = (await context.session.get_one(EnvelopeRow, voucher.call_id)).opens_at
    for row in await lines_of(context, order.draft_id):
        row.vat_recoverable = vat_recoverable
        row.claimed_minor = most_of(as_line(row), policy, voucher.terms)
        check_line(as_line(row), policy, opens_at, context.now, voucher.terms)
    order.state, order.confirmed_at, order.confirmed_by = OrderState.CONFIRMED, context.now, context.actor.id
    await context.session.flush()
    return order.draft_id
