"""The meaning of one line of a bank's file for one of our attempts, and whether it is safe to apply.

A line is applied when its references name one attempt that was ordered, on the account that ordered it, with the exact amount.
Every other line is kept as unmatched, with the reason, for a person: money is never booked on a guess.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.payments.domain.bank_statuses import NOTES_FOR_A_PERSON, NOTES_OF_EACH, note_of
from services.payments.domain.line_references import (
    Number,
    all_names_of,
    attempt_of_day,
    fits,
    is_repeated_name,
    names_of,
    naming_texts,
    own_form,
)
from services.payments.domain.movements import Movement, is_known, with_own
from services.payments.domain.report_verdicts import batch_of_report, contradicted, count_of_rest, verdict_of_rest
from services.payments.domain.status import IN_FLIGHT, AttemptState, PaymentEvent, next_state
from services.payments.iso20022.camt053 import BOOKED, INTRADAY, STATEMENT, AccountStatement, Direction, Statement, Transaction
from services.payments.iso20022.model import own_batch_id, payment_information_id, reference
from services.payments.iso20022.mt940 import MT_INTRADAY
from services.payments.iso20022.pain002 import StatusReport, TransactionStatus, Verdict
from shared.kernel.errors import Refused
from shared.kernel.money import Money

RETURNED_BEFORE_BOOKED = "returned-before-booked"
"""The return is in an earlier file than the booking: it is kept and applied after the booking."""

REFERENCES_DISAGREE = "references-disagree"
NO_REFERENCE = "no-reference"
OF_NO_KNOWN_ORDER = ("unknown-reference", REFERENCES_DISAGREE)
"""The references may be our own, but of no order that is known here: after a restore an order of the recovery gap."""

ORDERED_BEFORE_RESTORE = "ordered-before-restore"
"""About an orphan order: it is applied when the order has its payment again, and contradicts nothing until then."""

PENDING_WHILE = "pending-"
"""Begins the reason of a pending entry that a person has to ask about."""

NOT_BOOKED = "not-booked"
"""A pending entry: no money has moved yet, but the bank may still move it."""

OF_THE_DAY = "of-the-day"
"""A report of the day (camt.052, MT942): what it says is information, until a statement or a notification says it."""

BOOKED_TWICE = "booked-twice"
"""A second movement for a payment that is paid, or was returned."""

SECOND_DEBIT_RETURNED = "second-debit-returned"
"""Money came back while a second debit of the payment is known: one of the two came back, and the payment is made."""

RETURNED_TWICE = "returned-twice"
"""A second movement that brings money back, of a payment that came back already. It is applied when another debit of it is booked."""

BATCH_DIFFERS = "batch-differs"
"""The line names a batch and no payment in it, and is not the booking of what is ordered in it and not rejected."""

CREDIT_OF_OTHERS = "credit-of-others"
"""Money came in that is no return of a transfer; it may settle a recovery."""

RETURN_WITHOUT_MARK = "return-without-mark"
"""Money came in with the references of a payment of ours, and the bank does not say that it is a return."""

RETURNED_IN_PART = "returned-in-part"
"""Less came back than was paid: a bank on the way has kept a charge, or a part was withdrawn."""

RETURN_TAKEN_BACK = "return-taken-back"
"""A debit that reverses a credit: the bank corrects itself. It is no booking of an order."""

REPORT_CONTRADICTS_ITSELF = "report-contradicts-itself"
"""Blocks of a status report disagree about the transfers that none of them lists, or one is of fewer transfers than these."""

DUPLICATE_OF_AN_ORDER = "duplicate-of-an-order"
"""The bank refuses a transfer as a repetition of an earlier one. Where the payment has no other answer yet, nobody has sent it twice."""

UNMARKED = (CREDIT_OF_OTHERS, RETURN_WITHOUT_MARK)
"""Money that came in, and the bank does not say why."""

_FOR_A_PERSON = frozenset({CREDIT_OF_OTHERS, RETURN_TAKEN_BACK, REPORT_CONTRADICTS_ITSELF}) | NOTES_FOR_A_PERSON
ANSWERED_ONCE = frozenset({AttemptState.ACCEPTED, AttemptState.PAID, AttemptState.RETURNED, AttemptState.REJECTED})
_MAY_COME_BACK = (AttemptState.PAID, AttemptState.RETURNED)
_MOVES = (PaymentEvent.BOOKED, PaymentEvent.RETURNED)

_MAY_BE_PENDING = IN_FLIGHT | {AttemptState.PAID}


class LineOutcome(StrEnum):
    """APPLIED changed an attempt. REPEATED: known already. IGNORED: decides nothing. UNMATCHED: kept for a person."""

    APPLIED = "applied"
    REPEATED = "repeated"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class BankLine:
    """`event` None: the line decides nothing (`note` says why). References are kept as the bank wrote them. `again`: how often the same
    statement has moved money for these references on this day before. `stored_as`: of a line that is read again. `kind`: of the message,
    'camt.053'. `words`: what the bank says in words. `party`: who paid in. `covers`: of how many transfers
    a status of a whole order is said to be that is not known here."""

    event: PaymentEvent | None
    note: str = ""
    end_to_end_id: str | None = None
    instr_id: str | None = None
    pmt_inf_id: str | None = None
    account: str | None = None
    amount: Money | None = None
    on: date | None = None
    bank_reason: str | None = None
    bank_reference: str | None = None
    remittance: tuple[str, ...] = ()
    message_id: str | None = None
    again: int = 0
    kind: str | None = None
    words: tuple[str, ...] = ()
    party: str | None = None
    stored_as: UUID | None = None
    covers: int | None = None

    @property
    def naming(self) -> tuple[str | None, str | None]:
        """The references that say which payment is meant."""
        return naming_texts(self.end_to_end_id, self.instr_id, self.pmt_inf_id, self.message_id)


@dataclass(frozen=True, slots=True)
class KnownAttempt:
    """An attempt as it was ordered. `account` is the one that pays; `batch_id` None: it was never in a file. `given_out` False: nobody has
    released that file, so the bank cannot have it. `paid_on`, `bank_reference` and `booked_by` (the kind of message): its booking.
    `execution_on`: the day for which it is ordered. `second_debits`: how many more debits of it are known, and did not come back.
    `is_orphan`: a payment file orders it that is from before a restore, and it has no approved attempt here. `debits`, `returns`: what
    lines say of it. `is_latest`: no further attempt is made. `number`: which attempt at its payment it is; None in an old file."""

    attempt_id: UUID
    disbursement_id: UUID
    batch_id: UUID | None
    state: AttemptState
    account: str
    amount: Money
    bank_reference: str | None = None
    given_out: bool = True
    paid_on: date | None = None
    booked_by: str | None = None
    execution_on: date | None = None
    second_debits: int = 0
    is_orphan: bool = False
    returned_on: date | None = None
    debits: tuple[Movement, ...] = ()
    returns: tuple[Movement, ...] = ()
    is_latest: bool = True
    number: int | None = None


@dataclass(frozen=True, slots=True)
class MatchResult:
    """`reason` is a code. With `outcome` APPLIED, `state` is the attempt's new state."""

    outcome: LineOutcome
    reason: str
    attempt_id: UUID | None = None
    state: AttemptState | None = None


def kind_of(message: str) -> str:
    """'camt.053' of 'camt.053.001.08'; 'MT940'."""
    return message[: len(STATEMENT)]


def check_balances(accounts: Sequence[AccountStatement]) -> None:
    """`Refused` 'balances-disagree': a statement that does not add up lacks bookings, or has some twice."""
    if any(account.adds_up is False for account in accounts):
        raise Refused("balances-disagree", "Opening balance and booked transactions do not give the closing balance.")


def lines_of_statement(statement: Statement) -> list[BankLine]:
    kind = kind_of(statement.message)
    return [line for account in statement.accounts for line in _lines_of_account(account, kind)]


def _lines_of_account(account: AccountStatement, kind: str) -> Iterator[BankLine]:
    moved = defaultdict[tuple[object, PaymentEvent, date | None], list[frozenset[UUID | Number]]](list)
    for transaction in account.transactions:
        line = _line_of_transaction(account, transaction, kind)
        if line.event is not None and (names := all_names_of(*line.naming)):
            before = [moved[name, line.event, line.on] for name in names]
            if again := max(sum(is_repeated_name(names, other) for other in of_name) for of_name in before):
                line = replace(line, again=again)
            for of_name in before:
                of_name.append(names)
        yield line


def _line_of_transaction(account: AccountStatement, transaction: Transaction, kind: str) -> BankLine:
    event, note = (None, OF_THE_DAY) if kind in (INTRADAY, MT_INTRADAY) else _event_of(transaction)
    return BankLine(
        event=event, note=note, end_to_end_id=transaction.end_to_end_id, instr_id=transaction.instr_id, pmt_inf_id=transaction.pmt_inf_id,
        account=account.account, amount=transaction.amount, on=transaction.booked_on, bank_reason=transaction.return_reason,
        bank_reference=transaction.bank_reference, remittance=transaction.remittance, message_id=transaction.message_id, kind=kind,
        words=transaction.return_words, party=transaction.party,
    )  # fmt: skip


def _event_of(transaction: Transaction) -> tuple[PaymentEvent | None, str]:
    if transaction.status != BOOKED:
        return None, NOT_BOOKED
    if transaction.direction is Direction.DEBIT:
        return (None, RETURN_TAKEN_BACK) if transaction.is_return else (PaymentEvent.BOOKED, "")
    if transaction.is_return:
        return PaymentEvent.RETURNED, ""
    return None, CREDIT_OF_OTHERS


def lines_of_report(report: StatusReport, ordered: Sequence[tuple[str, str]]) -> list[BankLine]:
    """`ordered` are the (EndToEndId, InstrId) of the batch that the report answers, in the order of the file.

    A verdict on the group, or else on the message, covers the transactions that are not listed. Where the order is not known here, it is
    one line: a rejection for a person, any answer on an id of ours until the file of that order is there (after a restore).
    """
    batch_id = batch_of_report(report)
    pmt_inf_id = payment_information_id(batch_id) if batch_id else None
    twofold = contradicted(report.transactions)
    listed = [_line_of_status(status, pmt_inf_id, twofold) for status in report.transactions]
    named = {own_form(text) for status in report.transactions for text in (status.end_to_end_id, status.instr_id)}
    rest = [pair for pair in ordered if named.isdisjoint(pair)]
    general = verdict_of_rest(report, len(rest), ordered)
    if general is None:
        is_whole = bool(rest) or not (ordered or listed)
        return [*listed, BankLine(None, REPORT_CONTRADICTS_ITSELF, pmt_inf_id=pmt_inf_id)] if is_whole else listed
    if not (general.is_accepted or general.is_rejected or general.is_duplicate):
        note = note_of(general.status)
        of_batch = pmt_inf_id if note in NOTES_FOR_A_PERSON else None
        whole = [BankLine(None, note, pmt_inf_id=of_batch, bank_reason=_reason(general), words=general.words)]
        return [*listed, *whole] if rest and note in NOTES_OF_EACH else listed or whole
    if not ordered and (pmt_inf_id or not (listed or general.is_accepted)):
        return [*listed, replace(_line_of_verdict(general, None, None, pmt_inf_id), covers=count_of_rest(report))]
    return listed + [_line_of_verdict(general, end_to_end_id, instr_id, pmt_inf_id) for end_to_end_id, instr_id in rest]


def _line_of_status(status: TransactionStatus, pmt_inf_id: str | None, twofold: Collection[tuple[str | None, str | None]]) -> BankLine:
    """Where the bank does not give our PmtInfId back, it is that of the order which the report answers. `twofold`: those that are listed
    with two answers, and have none."""
    named = status.pmt_inf_id if own_batch_id(status.pmt_inf_id) or pmt_inf_id is None else pmt_inf_id
    line = _line_of_verdict(status.verdict, status.end_to_end_id, status.instr_id, named)
    is_twofold = (status.end_to_end_id, status.instr_id) in twofold
    return replace(line, event=None, note=REPORT_CONTRADICTS_ITSELF) if is_twofold else line


def _line_of_verdict(verdict: Verdict, end_to_end_id: str | None, instr_id: str | None, pmt_inf_id: str | None) -> BankLine:
    event = PaymentEvent.BANK_ACCEPTED if verdict.is_accepted else PaymentEvent.BANK_REJECTED if verdict.is_rejected else None
    note = "" if event else DUPLICATE_OF_AN_ORDER if verdict.is_duplicate else note_of(verdict.status)
    return BankLine(event, note, end_to_end_id, instr_id, pmt_inf_id, bank_reason=_reason(verdict), words=verdict.words)


def _reason(verdict: Verdict) -> str | None:
    return verdict.reasons[0] if verdict.reasons else None


def match_line(line: BankLine, attempts: Sequence[KnownAttempt]) -> MatchResult:
    """`attempts` are those that the line's references could mean. What is about an orphan order waits for it."""
    match = _match(line, attempts)
    of_orphan = any(one.is_orphan and one.attempt_id == match.attempt_id for one in attempts)
    return MatchResult(LineOutcome.UNMATCHED, ORDERED_BEFORE_RESTORE) if of_orphan else match


def _match(line: BankLine, attempts: Sequence[KnownAttempt]) -> MatchResult:
    if line.note == NOT_BOOKED:
        return _match_pending(line, attempts)
    if line.note == CREDIT_OF_OTHERS and isinstance(meant := _narrow(line, attempts), KnownAttempt) and _may_come_back(meant):
        return MatchResult(LineOutcome.UNMATCHED, RETURN_WITHOUT_MARK, meant.attempt_id)
    if line.note == DUPLICATE_OF_AN_ORDER:
        return _match_duplicate(line, attempts)
    if line.event is None:
        return MatchResult(LineOutcome.UNMATCHED if line.note in _FOR_A_PERSON else LineOutcome.IGNORED, line.note)
    meant = _narrow(line, attempts)
    if isinstance(meant, str):
        return MatchResult(LineOutcome.UNMATCHED, meant)
    doubt = next(_doubts(line, meant), None)
    if doubt:
        return MatchResult(LineOutcome.UNMATCHED, doubt)
    return effect_on(meant, line)


def _may_come_back(attempt: KnownAttempt) -> bool:
    """An orphan order may be paid."""
    return attempt.is_orphan or attempt.state in (AttemptState.PAID, AttemptState.RETURNED)


def _match_pending(line: BankLine, attempts: Sequence[KnownAttempt]) -> MatchResult:
    """Ignored where the payment is on its way or paid, or none of ours. After a rejection or a return it means that the bank may still
    pay: a person has to ask."""
    meant = _narrow(line, attempts) if attempts else None
    if meant is None or (isinstance(meant, KnownAttempt) and meant.given_out and meant.state in _MAY_BE_PENDING):
        return MatchResult(LineOutcome.IGNORED, NOT_BOOKED)
    if isinstance(meant, str):
        return MatchResult(LineOutcome.UNMATCHED, f"{PENDING_WHILE}{meant}")
    return MatchResult(LineOutcome.UNMATCHED, f"{PENDING_WHILE}while-{meant.state}", meant.attempt_id)


def _match_duplicate(line: BankLine, attempts: Sequence[KnownAttempt]) -> MatchResult:
    """It says nothing of the first order. Where the bank has not answered that one either, a person has to ask what it took for it."""
    meant = _narrow(line, attempts)
    if isinstance(meant, str) or (meant.given_out and meant.state in ANSWERED_ONCE):
        return MatchResult(LineOutcome.IGNORED if not isinstance(meant, str) else LineOutcome.UNMATCHED, DUPLICATE_OF_AN_ORDER)
    return MatchResult(LineOutcome.UNMATCHED, DUPLICATE_OF_AN_ORDER, meant.attempt_id)


def match_batch(line: BankLine, match: MatchResult, ordered: Money) -> MatchResult:
    """For a line that names a batch and no certain payment in it. `match` where it books, or announces, exactly what is ordered in the
    batch and not rejected (`ordered`), or where it is a status of the whole batch; which payment any other amount is about is not
    certain."""
    if line.event is None and line.amount is None:
        return match
    as_ordered = line.amount == ordered and (line.event is PaymentEvent.BOOKED or line.note == NOT_BOOKED)
    return match if as_ordered else MatchResult(LineOutcome.UNMATCHED, BATCH_DIFFERS)


def books_a_batch(line: BankLine) -> bool:
    """Whether it books, and names no payment, not even one of others: of a line that names a batch."""
    return line.event is PaymentEvent.BOOKED and {line.end_to_end_id, line.instr_id} <= {None, "NOTPROVIDED"}


def line_of_batch(line: BankLine, attempt: KnownAttempt) -> BankLine:
    """What a booking of the whole batch says about one payment in it."""
    return replace(
        line,
        end_to_end_id=reference(attempt.disbursement_id),
        instr_id=reference(attempt.attempt_id),
        pmt_inf_id=None,
        amount=attempt.amount,
    )


def effect_on(attempt: KnownAttempt, line: BankLine) -> MatchResult:
    """What a line with an event changes that is about this attempt."""
    event = line.event
    assert event is not None
    target = next_state(attempt.state, event)
    if event in _MOVES and attempt.state in _MAY_COME_BACK and _is_known(attempt, line):
        return MatchResult(LineOutcome.REPEATED, event, attempt.attempt_id)
    if event is PaymentEvent.BOOKED and attempt.state is AttemptState.RETURNED and attempt.is_latest:
        return MatchResult(LineOutcome.APPLIED, event, attempt.attempt_id, next_state(attempt.state, PaymentEvent.BOOKED_AGAIN))
    if event is PaymentEvent.RETURNED and attempt.second_debits > 0:
        return MatchResult(LineOutcome.UNMATCHED, SECOND_DEBIT_RETURNED, attempt.attempt_id)
    if event is PaymentEvent.RETURNED and attempt.state in IN_FLIGHT:
        return MatchResult(LineOutcome.UNMATCHED, RETURNED_BEFORE_BOOKED, attempt.attempt_id)
    if target is None:
        return MatchResult(LineOutcome.UNMATCHED, f"{event}-after-{attempt.state}", attempt.attempt_id)
    if target is not attempt.state:
        return MatchResult(LineOutcome.APPLIED, event, attempt.attempt_id, target)
    if event in _MOVES:
        return MatchResult(LineOutcome.UNMATCHED, BOOKED_TWICE if event is PaymentEvent.BOOKED else RETURNED_TWICE, attempt.attempt_id)
    return MatchResult(LineOutcome.REPEATED, event, attempt.attempt_id)


def _is_known(attempt: KnownAttempt, line: BankLine) -> bool:
    """Whether the line says a movement of this attempt, which is paid or came back, that is known."""
    this = Movement(line.on, line.bank_reference, line.kind, line.stored_as)
    if line.event is PaymentEvent.RETURNED:
        own = Movement(attempt.returned_on) if attempt.state is AttemptState.RETURNED else None
        return is_known(this, with_own(attempt.returns, own), line.again)
    return is_known(this, with_own(attempt.debits, Movement(attempt.paid_on, attempt.bank_reference, attempt.booked_by)), line.again)


def _narrow(line: BankLine, attempts: Sequence[KnownAttempt]) -> KnownAttempt | str:
    """The one attempt that the references mean, or why there is none. What has not the form of a reference of ours is none: banks put
    NOTPROVIDED, a number of their own or a copy of another reference where they do not give ours back. Each of ours has to fit."""
    texts, batch_id = line.naming, own_batch_id(line.pmt_inf_id)
    names = names_of(*texts)
    named = [one for one in attempts if names & {one.disbursement_id, one.attempt_id}]
    if not named:
        return NO_REFERENCE if line.end_to_end_id is None and line.instr_id is None else "unknown-reference"
    fitting = [one for one in named if one.batch_id is not None and fits(one, texts, batch_id)]
    if len(fitting) > 1 and line.event in (PaymentEvent.BOOKED, PaymentEvent.RETURNED):
        # an attempt that was rejected has moved no money
        fitting = [one for one in fitting if one.state is not AttemptState.REJECTED] or fitting
        fitting = attempt_of_day(fitting, line.on, returned=line.event is PaymentEvent.RETURNED) or fitting
    if len(fitting) > 1:
        return "ambiguous-attempt"
    return fitting[0] if fitting else REFERENCES_DISAGREE


def _doubts(line: BankLine, attempt: KnownAttempt) -> Iterator[str]:
    if not attempt.given_out:
        yield "answered-before-release"
    if line.account is not None and line.account != attempt.account:
        yield "foreign-account"
    if line.amount is not None and line.amount != attempt.amount:
        part = line.event is PaymentEvent.RETURNED and line.amount.currency == attempt.amount.currency and line.amount < attempt.amount
        yield RETURNED_IN_PART if part else "wrong-amount"
