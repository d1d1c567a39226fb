"""A beneficiary begins a claim."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.claims import check_window
from services.payments.locks import lock_voucher
from services.payments.steps.lodging import facts_of
from services.payments.tables import ClaimDraftRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.ids import new_id
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def begin_claim_draft(context: Context, voucher_id: UUID) -> UUID:
    """The id of the voucher's draft: the one that was begun already, or a new one. Raises as `check_window`."""
    voucher = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.LODGE_CLAIM, region=voucher.region, owner=owned_by(voucher.organisation_id))
    await take_unpublished_part(context, Duty.APPLY, voucher.application_id, call_id=voucher.call_id)
    row = ClaimDraftRow
    of_voucher = (col(row.voucher_id) == voucher.id, col(row.claim_id).is_(None), col(row.discarded_at).is_(None))
    begun = await context.session.scalar(select(col(row.id)).where(*of_voucher))
    if begun is not None:
        return begun
    check_window(await facts_of(context, voucher), context.policies.get(voucher.policy_id), context.now)
    draft = ClaimDraftRow(
        id=new_id(), voucher_id=voucher.id, organisation_id=voucher.organisation_id, region=voucher.region, begun_at=context.now
    )
    context.session.add(draft)
    return draft.id
