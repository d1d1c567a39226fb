"""A booking of a whole batch: the bank shows one debit and names no transfer in it."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import (
    BATCH_DIFFERS,
    BankLine,
    KnownAttempt,
    LineOutcome,
    MatchResult,
    books_a_batch,
    kind_of,
    line_of_batch,
    match_line,
)
from services.payments.domain.status import PaymentEvent
from services.payments.locks import lock_batch, lock_named_by_line
from services.payments.queries.contradictions import NOT_TO_BE_BOOKED, OPEN, ordered_sum
from services.payments.queries.known_attempts import known_attempts
from services.payments.queries.line_facts import accounts_of_file, line_of
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.steps.bank_line_events import APPLIED_LATER, publish_resolved
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, DisbursementRow
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.privacy.sealed import without


async def book_batch(context: Context, line: BankLine, batch: BatchRow) -> tuple[MatchResult, list[tuple[DisbursementRow, MatchResult]]]:
    """Books each payment of the batch that is not rejected, where the line has the sum of just these and nothing speaks against one of
    them. The second part: the payments that are booked by it."""
    await lock_batch(context, batch.id)
    different = MatchResult(LineOutcome.UNMATCHED, BATCH_DIFFERS)
    if line.amount != Money(await ordered_sum(context, batch.id), batch.currency):
        return different, []
    found: list[tuple[KnownAttempt, BankLine, MatchResult]] = []
    for attempt in await known_attempts(context, col(AttemptRow.batch_id) == batch.id, lock=True):
        if attempt.state not in NOT_TO_BE_BOOKED:
            own = line_of_batch(line, attempt)
            found.append((attempt, own, match_line(own, [attempt])))
    outcomes = {match.outcome for _, _, match in found}
    if not outcomes <= {LineOutcome.APPLIED, LineOutcome.REPEATED}:
        return different, []
    booked: list[tuple[DisbursementRow, MatchResult]] = []
    for attempt, own, match in found:
        if match.outcome is LineOutcome.APPLIED:
            disbursement = await context.session.get_one(DisbursementRow, attempt.disbursement_id, populate_existing=True)
            booked.append((disbursement, await apply_bank_answer(context, disbursement, own, match)))
    return MatchResult(LineOutcome.APPLIED if booked else LineOutcome.REPEATED, PaymentEvent.BOOKED), booked


async def book_waiting_batch(context: Context, attempt_id: UUID) -> list[tuple[DisbursementRow, MatchResult]]:
    """After this attempt was rejected, or was found again: the booking of its batch may have come before, and have the sum of the others
    now. Returns the payments that are booked."""
    attempt = await context.session.get_one(AttemptRow, attempt_id)
    waiting = select(BankLineRow).where(
        col(BankLineRow.batch_id) == attempt.batch_id, col(BankLineRow.reason) == BATCH_DIFFERS, *OPEN
    )  # fmt: skip
    booked: list[tuple[DisbursementRow, MatchResult]] = []
    for row in (await context.session.scalars(waiting.order_by(col(BankLineRow.id)))).all():
        batches = select(BatchRow).where(col(BatchRow.id) == row.batch_id).options(*without(BatchRow.file))
        batch, file = (await context.session.scalars(batches)).one(), await context.session.get_one(BankFileRow, row.file_sha256)
        line = replace(line_of(row), kind=kind_of(file.message))
        accounts = await accounts_of_file(context, row.file_sha256)
        if not books_a_batch(line) or (accounts and batch.debtor_account not in accounts):
            continue
        match, paid = await book_batch(context, line, batch)
        booked += paid
        if match.outcome is not LineOutcome.UNMATCHED:
            row.outcome, row.reason = match.outcome, match.reason
            for voucher, disbursement_id in await lock_named_by_line(context, row):
                publish_resolved(context, voucher, row, disbursement_id, APPLIED_LATER)
    return booked
