"""CaseRemoved: the texts of the case's claims, and the payment files in which no other case is left, are removed; the money stays."""

from sqlalchemy import delete, select, update
from sqlmodel import col

from services.payments.locks import find_and_lock_voucher, lock_row
from services.payments.queries.removals import batches_of_removed_vouchers
from services.payments.steps.bank_words import empty_words_of
from services.payments.tables import (
    BatchRow,
    ClaimDraftRow,
    ClaimFileRow,
    ClaimLineRow,
    ClaimRow,
    DisbursementRow,
    DraftLineRow,
    EvidenceRow,
    OrderRow,
    OutcomeProofRow,
    VoucherRow,
)
from shared.contracts.applications import CaseRemoved
from shared.contracts.binding import require_same, require_term_over
from shared.kernel.errors import Contradiction
from shared.kernel.vocabulary import RetentionClass
from shared.messaging.context import Context


async def remove_case(context: Context, event: CaseRemoved) -> None:
    """Once. `Contradiction` when the event is about another call or region, or when money was claimed and the case has not ended as paid
    or its term is not over. `NotYet` before the instant that the event states."""
    query = select(col(VoucherRow.id)).where(col(VoucherRow.application_id) == event.application_id).order_by(col(VoucherRow.id))
    for voucher_id in (await context.session.scalars(query)).all():
        voucher = await find_and_lock_voucher(context, voucher_id)
        assert voucher is not None, "no voucher is ever deleted"
        if voucher.removed_at is None:
            require_same(event, voucher)
            await _remove_claims(context, event, voucher)
            await _remove_drafts(context, voucher)
            await empty_words_of(context, voucher.id)
            voucher.removed_at = context.now
            await context.session.flush()
            await _remove_payment_files(context, voucher)


async def _remove_claims(context: Context, event: CaseRemoved, voucher: VoucherRow) -> None:
    claims = (await context.session.scalars(select(ClaimRow).where(col(ClaimRow.voucher_id) == voucher.id))).all()
    if claims and event.retention_class != RetentionClass.PAID:
        raise Contradiction(f"{event.type}: money was claimed, so the case has not ended as {event.retention_class}")
    lodged_at = max((claim.lodged_at for claim in claims), default=None)
    require_term_over(event, context.policies.get(voucher.policy_id), lodged_at, context.now)
    # By statements: the note of an erased subject reads as empty already, and its ciphertext has to go all the same.
    await context.session.execute(update(ClaimRow).where(col(ClaimRow.voucher_id) == voucher.id).values(note=None))
    of_claims = col(EvidenceRow.claim_id).in_([claim.id for claim in claims])
    await context.session.execute(update(EvidenceRow).where(of_claims).values(reference=None, number_key=None))
    of_lines = col(ClaimLineRow.claim_id).in_([claim.id for claim in claims])
    words = {"seller": None, "seller_tax_number": None, "reference": None, "function": None, "cut_reason": None}
    await context.session.execute(update(ClaimLineRow).where(of_lines).values(words))
    await _remove_proofs(context, voucher)


async def _remove_drafts(context: Context, voucher: VoucherRow) -> None:
    drafts = select(col(ClaimDraftRow.id)).where(col(ClaimDraftRow.voucher_id) == voucher.id)
    await context.session.execute(delete(DraftLineRow).where(col(DraftLineRow.draft_id).in_(drafts)))
    files = update(ClaimFileRow).where(col(ClaimFileRow.draft_id).in_(drafts), col(ClaimFileRow.deleted_at).is_(None))
    await context.session.execute(files.values(name=None, deleted_at=context.now))
    words = {"buyer": None, "description": None, "remark": None}
    await context.session.execute(update(OrderRow).where(col(OrderRow.voucher_id) == voucher.id).values(words))


async def _remove_proofs(context: Context, voucher: VoucherRow) -> None:
    """The bank's documents about payments of the voucher."""
    paid = select(col(DisbursementRow.id)).where(col(DisbursementRow.voucher_id) == voucher.id)
    emptied = {"name": None, "document": None, "removed_at": context.now}
    await context.session.execute(update(OutcomeProofRow).where(col(OutcomeProofRow.disbursement_id).in_(paid)).values(emptied))


async def _remove_payment_files(context: Context, voucher: VoucherRow) -> None:
    for batch_id in await batches_of_removed_vouchers(context, voucher.id):
        batch = await lock_row(context, BatchRow, col(BatchRow.id) == batch_id)
        if batch is not None and batch.removed_at is None:
            batch.file, batch.removed_at = None, context.now
