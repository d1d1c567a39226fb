"""A booking of a whole batch: the bank shows one debit and names no transfer in it."""

from sqlmodel import col

from services.payments.domain.bank_lines import BATCH_DIFFERS, BankLine, KnownAttempt, LineOutcome, MatchResult, line_of_batch, match_line
from services.payments.domain.status import PaymentEvent
from services.payments.locks import lock_batch
from services.payments.queries.contradictions import NOT_TO_BE_BOOKED, ordered_sum
from services.payments.queries.known_attempts import known_attempts
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.tables import AttemptRow, BatchRow, DisbursementRow
from shared.kernel.money import Money
from shared.messaging.context import Context


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
