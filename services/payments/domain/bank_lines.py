"""What one line of a bank's file says about one of our attempts, and whether it may be believed.

A line is believed when its references name one attempt that was ordered, on the account that ordered it, with the very amount.
Everything else is kept as unmatched, with the reason, for a person: money is never booked on a guess.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.payments.domain.status import IN_FLIGHT, Happening, State, next_state
from services.payments.iso20022.camt053 import BOOKED, AccountStatement, Direction, Statement, Transaction
from services.payments.iso20022.model import own_batch_id, own_id
from services.payments.iso20022.pain002 import StatusReport, TransactionStatus, Verdict
from shared.kernel.money import Money

CAME_BACK_EARLY = "came-back-before-booked"
"""The return lies in an earlier file than the booking: kept until the booking has come."""

OF_NO_KNOWN_ORDER = ("unknown-reference", "references-disagree")
"""Our own references, but of no order that is known here: after a restore one that the lost time gave."""


@dataclass(frozen=True, slots=True)
class Line:
    """`happening` None: it decides nothing (`note` says why). References are kept as the bank wrote them."""

    happening: Happening | None
    note: str = ""
    end_to_end_id: str | None = None
    instr_id: str | None = None
    pmt_inf_id: str | None = None
    account: str | None = None
    amount: Money | None = None
    on: date | None = None
    bank_reason: str | None = None
    bank_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """An attempt as it was ordered. `account` is the one that pays; `batch_id` None: it was never in a file."""

    attempt_id: UUID
    disbursement_id: UUID
    batch_id: UUID | None
    state: State
    account: str
    amount: Money
    bank_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What becomes of a line: `outcome` is applied (then `state` is the new one), repeated, ignored or unmatched."""

    outcome: str
    reason: str
    attempt_id: UUID | None = None
    state: State | None = None


def lines_of_statement(statement: Statement) -> list[Line]:
    return [_line_of_transaction(account, transaction) for account in statement.accounts for transaction in account.transactions]


def _line_of_transaction(account: AccountStatement, transaction: Transaction) -> Line:
    happening, note = _happening_of(transaction)
    return Line(
        happening=happening,
        note=note,
        end_to_end_id=transaction.end_to_end_id,
        instr_id=transaction.instr_id,
        pmt_inf_id=transaction.pmt_inf_id,
        account=account.account,
        amount=transaction.amount,
        on=transaction.booked_on,
        bank_reason=transaction.return_reason,
        bank_reference=transaction.bank_reference,
    )


def _happening_of(transaction: Transaction) -> tuple[Happening | None, str]:
    if transaction.status != BOOKED:
        return None, "not-booked"
    if transaction.direction is Direction.DEBIT:
        return Happening.BOOKED, ""
    if transaction.is_return:
        return Happening.CAME_BACK, ""
    return None, "credit-of-others"


def lines_of_report(report: StatusReport, ordered: Sequence[tuple[str, str]]) -> list[Line]:
    """`ordered` are the (EndToEndId, InstrId) of the batch that the report answers, in the order of the file.

    A verdict on the group, or else on the message, covers the transactions that are not listed.
    """
    listed = [_line_of_status(status) for status in report.transactions]
    named = {(status.end_to_end_id, status.instr_id) for status in report.transactions}
    general = next((group.verdict for group in report.groups if group.verdict.status), report.verdict)
    if not (general.is_accepted or general.is_rejected):
        return listed or [Line(None, "decides-nothing", bank_reason=_reason(general))]
    pmt_inf_id = report.groups[0].pmt_inf_id if report.groups else None
    rest = [pair for pair in ordered if pair not in named and (pair[0], None) not in named]
    return listed + [_line_of_verdict(general, end_to_end_id, instr_id, pmt_inf_id) for end_to_end_id, instr_id in rest]


def _line_of_status(status: TransactionStatus) -> Line:
    return _line_of_verdict(status.verdict, status.end_to_end_id, status.instr_id, status.pmt_inf_id)


def _line_of_verdict(verdict: Verdict, end_to_end_id: str | None, instr_id: str | None, pmt_inf_id: str | None) -> Line:
    happening = Happening.BANK_ACCEPTED if verdict.is_accepted else Happening.BANK_REJECTED if verdict.is_rejected else None
    note = "" if happening else "duplicate-of-an-order" if verdict.is_duplicate else "decides-nothing"
    return Line(happening, note, end_to_end_id, instr_id, pmt_inf_id, bank_reason=_reason(verdict))


def _reason(verdict: Verdict) -> str | None:
    return verdict.reasons[0] if verdict.reasons else None


def judge(line: Line, ordered: Sequence[Ordered]) -> Finding:
    """`ordered` are the attempts that the line's references could mean."""
    if line.happening is None:
        return Finding("unmatched" if line.note == "credit-of-others" else "ignored", line.note)
    meant = _narrow(line, ordered)
    if isinstance(meant, str):
        return Finding("unmatched", meant)
    doubt = next(_doubts(line, meant), None)
    if doubt:
        return Finding("unmatched", doubt)
    return judge_move(line.happening, line.bank_reference, meant)


def judge_move(happening: Happening, bank_reference: str | None, attempt: Ordered) -> Finding:
    """The line is about this attempt: what does it change?"""
    target = next_state(attempt.state, happening)
    if happening is Happening.CAME_BACK and attempt.state in IN_FLIGHT:
        return Finding("unmatched", CAME_BACK_EARLY, attempt.attempt_id)
    if target is None:
        return Finding("unmatched", f"{happening}-after-{attempt.state}")
    if target is not attempt.state:
        return Finding("applied", happening, attempt.attempt_id, target)
    if happening is Happening.BOOKED and bank_reference and attempt.bank_reference and bank_reference != attempt.bank_reference:
        return Finding("unmatched", "booked-twice")
    return Finding("repeated", happening, attempt.attempt_id)


def _narrow(line: Line, ordered: Sequence[Ordered]) -> Ordered | str:
    """The one attempt that the references mean, or why there is none."""
    if line.end_to_end_id is None and line.instr_id is None:
        return "no-reference"
    of_disbursement = [one for one in ordered if line.end_to_end_id is None or one.disbursement_id == own_id(line.end_to_end_id)]
    if not of_disbursement:
        return "unknown-reference"
    batch_id = own_batch_id(line.pmt_inf_id)
    fitting = [
        one
        for one in of_disbursement
        if one.batch_id is not None
        and (line.instr_id is None or one.attempt_id == own_id(line.instr_id))
        and (line.pmt_inf_id is None or one.batch_id == batch_id)
    ]
    if len(fitting) > 1:
        return "ambiguous-attempt"
    return fitting[0] if fitting else "references-disagree"


def _doubts(line: Line, attempt: Ordered) -> Iterator[str]:
    if line.account is not None and line.account != attempt.account:
        yield "foreign-account"
    if line.amount is not None and line.amount != attempt.amount:
        yield "wrong-amount"
