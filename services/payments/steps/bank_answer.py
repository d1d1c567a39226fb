"""An answer of the bank becomes the attempt's state, moves the money and is published."""

from datetime import date
from uuid import UUID

from sqlmodel import col

from services.payments.domain.bank_lines import BankLine, LineOutcome, MatchResult
from services.payments.domain.candidates import MOVED
from services.payments.domain.states import ClosureReason
from services.payments.domain.status import CORRECTABLE, AttemptState
from services.payments.locks import lock_row
from services.payments.queries.orphan_orders import blocks_cancellation
from services.payments.steps.cancellation import cancel
from services.payments.steps.deposits import move_own_part
from services.payments.steps.events import DisbursementFields, disbursement_fields, publish_voucher_event
from services.payments.steps.ledger import move_money
from services.payments.steps.recoveries import close_returned, is_recovered, recover_payment
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.contracts.payments import DisbursementAccepted, DisbursementPaid, DisbursementRejected, DisbursementReturned
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.messaging.event import Event

NO_REASON = "NARR"
"""ISO 20022's code for a reason in words: used when the bank gives none."""
CONFIRMED_BY_PERSON = "confirmed-by-person"
BOOKED_AGAIN = "booked-after-return"
_BY_REPORT = (AttemptState.ACCEPTED, AttemptState.REJECTED)


async def apply_bank_answer(
    context: Context, disbursement: DisbursementRow, line: BankLine, match: MatchResult, *, confirmed: bool = False
) -> MatchResult:
    """Applies a line with the outcome APPLIED: `match` has the attempt and its new state. The caller holds the lock on the voucher.
    `confirmed`: a person has confirmed the answer, which contradicts an earlier one.

    Returns `match`, or UNMATCHED with the reason 'recovered-already' when the returned money was recorded as recovered before.
    """
    voucher = await context.session.get_one(VoucherRow, disbursement.voucher_id)
    attempt = await lock_row(context, AttemptRow, col(AttemptRow.id) == match.attempt_id)
    assert attempt is not None
    assert match.state is not None
    if match.state is AttemptState.RETURNED and await is_recovered(context, voucher, disbursement, attempt):
        return MatchResult(LineOutcome.UNMATCHED, "recovered-already", attempt.id)
    again = attempt.state == AttemptState.RETURNED and match.state is AttemptState.PAID
    if again:
        attempt.corrections += 1
        attempt.returned_before, attempt.returned_on = attempt.returned_on, None
    attempt.state = match.state
    if attempt.number == disbursement.attempt:
        disbursement.state = match.state
    _record_answer(attempt, line, context.policies.get(voucher.policy_id).local_day(context.now))
    if match.state in MOVED:
        await move_money(context, voucher, MOVED[match.state], disbursement.aid_minor, origin_of(attempt))
        await move_own_part(context, disbursement, origin_of(attempt), match.state)
    event = _event(disbursement_fields(voucher, disbursement, attempt), disbursement, attempt)
    source = "bank-answer" if match.state in _BY_REPORT else BOOKED_AGAIN if again else "bank-statement"
    publish_voucher_event(context, voucher, event, CONFIRMED_BY_PERSON if confirmed else source)
    await apply_consequences(context, voucher, disbursement, attempt)
    return match


def origin_of(attempt: AttemptRow) -> UUID:
    """What moves money by an answer about the attempt: the attempt, and after a correction that correction, so that each moves it once."""
    return derive_id(attempt.id, "correction", attempt.corrections) if attempt.corrections else attempt.id


def _record_answer(attempt: AttemptRow, line: BankLine, today: date) -> None:
    if attempt.state == AttemptState.PAID:
        attempt.paid_on, attempt.bank_reference, attempt.booked_by = line.on or today, line.bank_reference, line.kind
    if attempt.state == AttemptState.RETURNED:
        attempt.returned_on = line.on or today
    if attempt.state in CORRECTABLE:
        attempt.bank_reason = line.bank_reason or NO_REASON


def _event(fields: DisbursementFields, disbursement: DisbursementRow, attempt: AttemptRow) -> Event:
    batch_id: UUID | None = attempt.batch_id
    assert batch_id is not None, "an attempt that the bank answers was in a batch"
    money = {"amount_minor": disbursement.amount_minor, "currency": disbursement.currency, "own_minor": disbursement.own_minor or None}
    given = {**fields, "batch_id": batch_id, "correction": attempt.corrections or None}
    if attempt.state == AttemptState.ACCEPTED:
        return DisbursementAccepted.model_validate(given)
    if attempt.state == AttemptState.REJECTED:
        return DisbursementRejected.model_validate({**given, "bank_reason": attempt.bank_reason or NO_REASON})
    if attempt.state == AttemptState.PAID:
        return DisbursementPaid.model_validate({**given, **money, "booked_on": attempt.paid_on})
    returned = {**given, **money, "returned_on": attempt.returned_on, "bank_reason": attempt.bank_reason}
    return DisbursementReturned.model_validate(returned)


async def apply_consequences(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> None:
    """A voucher that is withdrawn or revoked has no further attempts, and what a revoked one was paid is asked back."""
    if attempt.state == AttemptState.RETURNED:
        await close_returned(context, voucher, attempt)
    if (
        attempt.state in CORRECTABLE
        and voucher.closure_reason in (ClosureReason.WITHDRAWN, ClosureReason.REVOKED)
        and not await blocks_cancellation(context, disbursement.id)
    ):
        await cancel(context, voucher, disbursement, attempt, voucher.closure_reason)
    if attempt.state == AttemptState.PAID and voucher.closure_reason == ClosureReason.REVOKED:
        await recover_payment(context, voucher, disbursement, attempt)
    await settle_if_run_out(context, voucher)
