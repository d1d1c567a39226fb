"""A beneficiary says to whom a claim is to be paid."""

from uuid import UUID

from services.payments.domain.claims import PayTo, check_payee
from services.payments.steps.claim_drafts import Part, editable
from services.payments.steps.related_parties import keep_related_off
from services.payments.tables import PayeeRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def choose_claim_payee(context: Context, draft_id: UUID, payee_id: UUID) -> None:
    """Raises as `editable`, `check_payee` and `keep_related_off`; `NotFound` 'unknown-payee'."""
    draft, voucher = await editable(context, draft_id, Part.WHOLE)
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    to = PayTo(payee.kind, payee.region, payee.organisation_id)
    check_payee(to, region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode or "")
    await keep_related_off(context, voucher, payee)
    draft.payee_id = payee.id
