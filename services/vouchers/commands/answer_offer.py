"""The beneficiary answers the offer."""

from uuid import UUID

from services.vouchers.domain.actions import may_accept, may_decline
from services.vouchers.domain.agreement import agreement_hash, terms_of
from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.capacity import commit_units
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.release import request_release
from services.vouchers.steps.voucher import enter_stage, facts_of
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import OfferDeclined, VoucherAccepted
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def answer_offer(context: Context, voucher_id: UUID, *, accept: bool) -> VoucherRow:
    """Decides by the instant, under the same lock as the lapse, so one of the two wins. The same answer twice does nothing. An acceptance
    records the hash of the terms, in the row and in the signed event.

    Raises `Conflict` not-offered, offer-lapsed.
    """
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.ANSWER_OFFER, region=row.region, owner=owned_by(row.organisation_id))
    await take_part(context, Duty.APPLY, row.application_id, call_id=row.call_id)
    if not (may_accept if accept else may_decline)(facts_of(row), context.now):
        return row
    row.answered_at = context.now
    if accept:
        enter_stage(context, row, Stage.ACCEPTED)
        row.agreement_hash = agreement_hash(terms_of(context.policies.get(row.policy_id), row))
        if context.policies.get(row.policy_id).benefit is not None:
            await commit_units(context, row)
        publish_voucher_event(context, row, VoucherAccepted, "accepted", agreement_hash=row.agreement_hash)
    else:
        publish_voucher_event(context, row, OfferDeclined, "declined")
        await request_release(context, row, VoucherOutcome.DECLINED)
    return row
