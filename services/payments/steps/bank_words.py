"""Keeps the words of a line, encrypted, with whom they are about."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlmodel import col

from services.payments.tables import AttemptRow, BankLineRow, BankWordsRow, DisbursementRow, PayeeRow, RecoveryRow, VoucherRow
from shared.kernel.ids import derive_id
from shared.messaging.context import Context

_FILES = UUID("7b2e6a51-0f3d-8c1e-9a44-51e0c4d2b7f9")


async def keep_words(context: Context, said: Mapping[UUID, dict[str, list[str]]]) -> None:
    """`said`: what is kept of each line, whose row is stored."""
    for line_id, words in said.items():
        row = await context.session.get_one(BankLineRow, line_id)
        subject = await _subject_of(context, row) or derive_id(_FILES, "words", row.file_sha256)
        context.session.add(BankWordsRow(line_id=row.id, subject_id=subject, region=row.region, words=words))


async def give_words_to(context: Context, row: BankLineRow, disbursement: DisbursementRow) -> None:
    """Persons have found out which payment the line is about: from now on its words are of the payee of that payment."""
    kept = await context.session.get(BankWordsRow, row.id)
    subject = await _payee_of(context, disbursement.id, row.attempt_id)
    if kept is None or not kept.words or subject is None or kept.subject_id == subject:
        return
    words = kept.words
    await context.session.delete(kept)
    await context.session.flush()
    context.session.add(BankWordsRow(line_id=row.id, subject_id=subject, region=disbursement.region, words=words))


async def remove_words_of_file(context: Context, sha256: str) -> None:
    of_file = select(col(BankLineRow.id)).where(col(BankLineRow.file_sha256) == sha256)
    await context.session.execute(delete(BankWordsRow).where(col(BankWordsRow.line_id).in_(of_file)))


async def empty_words_of(context: Context, voucher_id: UUID) -> None:
    """Of the lines about payments of a voucher whose case is removed."""
    attempts = select(col(AttemptRow.id)).join(DisbursementRow).where(col(DisbursementRow.voucher_id) == voucher_id)
    recoveries = select(col(RecoveryRow.id)).where(col(RecoveryRow.voucher_id) == voucher_id)
    about = or_(
        col(BankLineRow.voucher_id) == voucher_id,
        col(BankLineRow.attempt_id).in_(attempts),
        col(BankLineRow.recovery_id).in_(recoveries),
    )
    lines = select(col(BankLineRow.id)).where(about)
    await context.session.execute(update(BankWordsRow).where(col(BankWordsRow.line_id).in_(lines)).values(words=None))


async def _subject_of(context: Context, row: BankLineRow) -> UUID | None:
    """The payee of the payment that is named; the organisation of a voucher, or of a recovery, of which no payment is."""
    if row.disbursement_id is not None:
        return await _payee_of(context, row.disbursement_id, row.attempt_id)
    voucher_id = row.voucher_id
    if voucher_id is None and row.recovery_id is not None:
        voucher_id = (await context.session.get_one(RecoveryRow, row.recovery_id)).voucher_id
    return (await context.session.get_one(VoucherRow, voucher_id)).organisation_id if voucher_id else None


async def _payee_of(context: Context, disbursement_id: UUID, attempt_id: UUID | None) -> UUID | None:
    """Of the attempt, or of the payment's latest one."""
    payees = select(col(PayeeRow.subject_id)).join(AttemptRow, col(AttemptRow.payee_id) == col(PayeeRow.id))
    wanted = col(AttemptRow.id) == attempt_id if attempt_id else col(AttemptRow.disbursement_id) == disbursement_id
    return await context.session.scalar(payees.where(wanted).order_by(col(AttemptRow.number).desc()).limit(1))
