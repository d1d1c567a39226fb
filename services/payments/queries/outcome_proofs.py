"""Proofs of what became of a payment whose outcome was unknown."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.queries.desk_views import OutcomeProofView
from services.payments.queries.undoing import may_be_undone
from services.payments.tables import DisbursementRow, OutcomeProofRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.privacy.sealed import without
from shared.web.access_log import record_access


async def list_outcome_proofs(context: Context, disbursement_id: UUID) -> list[OutcomeProofView]:
    """The latest first, without their documents. `NotFound` 'unknown-disbursement'."""
    disbursement = await context.session.get(DisbursementRow, disbursement_id)
    if disbursement is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=disbursement.region)
    query = select(OutcomeProofRow).where(col(OutcomeProofRow.disbursement_id) == disbursement_id)
    query = query.order_by(col(OutcomeProofRow.proposed_at).desc(), col(OutcomeProofRow.id).desc())
    query = query.options(*without(OutcomeProofRow.document))
    rows = (await context.session.scalars(query)).all()
    return [OutcomeProofView.of(row, can_be_undone=await may_be_undone(context, row)) for row in rows]


async def get_document(context: Context, proof_id: UUID) -> OutcomeProofRow:
    """With its bytes; the reading is recorded. `NotFound` 'no-such-proposal' or 'file-removed'."""
    proof = await context.session.get(OutcomeProofRow, proof_id)
    if proof is None:
        raise NotFound("no-such-proposal", "There is no such proposal.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=proof.region)
    if proof.document is None or proof.media_type is None:
        raise NotFound("file-removed", "The term of every case in this file is over; the file is removed.")
    await record_access(context, Permission.READ_PAYMENTS, [(proof.id, proof.region)])
    return proof
