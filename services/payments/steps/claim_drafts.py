"""Drafts of claims: who may change one, and how a document goes."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.states import CORRECTABLE
from services.payments.locks import lock_row
from services.payments.queries.claim_lines import unknown_draft
from services.payments.tables import ClaimDraftRow, ClaimFileRow, ClaimRow, VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def editable(context: Context, draft_id: UUID) -> tuple[ClaimDraftRow, VoucherRow]:
    """A draft that the actor may change now, locked, and its voucher. Who changes it takes part in the case on the applicant's side.

    `NotFound` 'unknown-draft'; `Forbidden`; `Conflict` 'claim-lodged-already' unless it was never lodged, or its claim came back.
    """
    draft = await lock_row(context, ClaimDraftRow, col(ClaimDraftRow.id) == draft_id)
    if draft is None:
        raise unknown_draft()
    authorise(context.actor, Permission.LODGE_CLAIM, region=draft.region, owner=owned_by(draft.organisation_id))
    if draft.discarded_at is not None:
        raise unknown_draft()
    voucher = await context.session.get_one(VoucherRow, draft.voucher_id)
    await take_unpublished_part(context, Duty.APPLY, voucher.application_id, call_id=voucher.call_id)
    claim = None if draft.claim_id is None else await context.session.get_one(ClaimRow, draft.claim_id)
    if claim is not None and claim.state not in CORRECTABLE:
        raise Conflict("claim-lodged-already", "The claim is lodged. It can be changed only when an officer returns it.")
    return draft, voucher


def remove_document(file: ClaimFileRow, context: Context) -> None:
    """From its line. Its content goes, unless a claim names it."""
    file.removed_at = context.now
    if not file.lodged:
        file.name, file.deleted_at = None, context.now
