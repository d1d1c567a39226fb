"""What persons take back of what they have said, and that the money at the bank decides, in whatever order its lines come."""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from itertools import permutations
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import (
    BOOKED_TWICE,
    RETURNED_BEFORE_BOOKED,
    RETURNED_TWICE,
    SECOND_DEBIT_RETURNED,
    BankLine,
    KnownAttempt,
    LineOutcome,
    match_line,
)
from services.payments.domain.ledger import EntryKind, postings
from services.payments.domain.movements import Movement
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.domain.undoing import UNDOES, SaidOfPayment, state_undone
from shared.kernel.errors import Refused
from shared.kernel.money import Money

D, A, B = (UUID(int=0xABC0 + number) for number in range(3))
S = AttemptState
SENT = KnownAttempt(A, D, B, S.SENT, "HR01", Money(10_000, "EUR"))
LINE = BankLine(PaymentEvent.BOOKED, end_to_end_id=D.hex, instr_id=A.hex, account="HR01", amount=Money(10_000, "EUR"), kind="camt.053")
OF_LINES = (BOOKED_TWICE, SECOND_DEBIT_RETURNED, RETURNED_TWICE)
WAIT = (RETURNED_BEFORE_BOOKED, RETURNED_TWICE)


class Account:
    """One attempt and the lines that are read about it: as `queries/known_attempts.py` and `steps/reconciliation.py` do."""

    def __init__(self) -> None:
        self.attempt, self.reasons, self.read = SENT, dict[int, str](), list[BankLine]()

    def take(self, line: BankLine) -> None:
        number = len(self.read)
        self.read.append(replace(line, stored_as=UUID(int=number + 1)))
        self._match(number)
        if line.event is PaymentEvent.BOOKED:
            for one in [one for one, reason in self.reasons.items() if reason in WAIT]:
                self._match(one)

    def _match(self, number: int) -> None:
        line = self.read[number]
        match = match_line(line, [self._known(number)])
        self.reasons[number] = match.reason if match.outcome is LineOutcome.UNMATCHED else str(match.outcome)
        if match.state is S.PAID:
            self.attempt = replace(self.attempt, state=S.PAID, paid_on=line.on, booked_by=line.kind, returned_on=None)
        elif match.state is S.RETURNED:
            self.attempt = replace(self.attempt, state=S.RETURNED, returned_on=line.on)

    def _known(self, number: int) -> KnownAttempt:
        counted = [one for one, reason in self.reasons.items() if one != number and reason in ("applied", *OF_LINES)]
        of = {event: tuple(self._movement(one) for one in counted if self.read[one].event is event) for event in PaymentEvent}
        more = Counter(self.reasons[one] for one in counted)
        return replace(
            self.attempt, debits=of[PaymentEvent.BOOKED], returns=of[PaymentEvent.RETURNED],
            second_debits=more[BOOKED_TWICE] - more[SECOND_DEBIT_RETURNED],
        )  # fmt: skip

    def _movement(self, number: int) -> Movement:
        line = self.read[number]
        return Movement(line.on, line.bank_reference, line.kind, line.stored_as)


def moved(way: str, day: int) -> BankLine:
    return replace(LINE, event=PaymentEvent.BOOKED if way == "D" else PaymentEvent.RETURNED, on=date(2026, 3, day))


def arrived(lines: Sequence[BankLine]) -> Account:
    account = Account()
    for line in lines:
        account.take(line)
    return account


@pytest.mark.parametrize("ways", ["D", "DC", "DDC", "DCD", "DCDC", "DDCC"])
def test_money_at_the_bank_decides_in_any_order_of_arrival(ways: str) -> None:
    """M3, M4: a payment is paid while one more debit than returns of it are known; the same lines again, of the month, change nothing."""
    lines = [moved(way, day) for day, way in enumerate(ways, 1)]
    net = ways.count("D") - ways.count("C")
    for order in set(permutations(lines)):
        account = arrived(order)
        assert account.attempt.state is (S.PAID if net else S.RETURNED), [(one.event, one.on) for one in order]
        before = Counter(account.reasons.values())
        for line in lines:
            account.take(line)
        assert account.attempt.state is (S.PAID if net else S.RETURNED)
        assert Counter(account.reasons.values()) - before == Counter({"repeated": len(lines)})


def test_second_return_without_a_debit_is_shown_to_a_person() -> None:
    account = arrived([moved("D", 1), moved("C", 2), moved("C", 3)])
    assert (account.attempt.state, account.reasons[2]) == (S.RETURNED, RETURNED_TWICE)
    account.take(moved("D", 4))
    assert (account.attempt.state, account.reasons[2]) == (S.RETURNED, "applied")


def test_debit_of_an_earlier_attempt_pays_nothing() -> None:
    returned = replace(SENT, state=S.RETURNED, paid_on=date(2026, 3, 1), returned_on=date(2026, 3, 2), is_latest=False)
    match = match_line(moved("D", 5), [returned])
    assert (match.outcome, match.reason) == (LineOutcome.UNMATCHED, BOOKED_TWICE)


SAID = SaidOfPayment(S.PAID, S.PAID)
FIRST, NEXT = date(2026, 3, 1), date(2026, 3, 2)
UNDONE: list[tuple[SaidOfPayment, str]] = [
    (SAID, "unknown"),
    (replace(SAID, came_back=True), "returned"),
    (replace(SAID, said=S.REJECTED, state=S.REJECTED), "unknown"),
    (replace(SAID, said=S.ACCEPTED, state=S.ACCEPTED), "unknown"),
    (replace(SAID, said=S.RETURNED, state=S.RETURNED, came_back=True), "paid"),
    (replace(SAID, said_on=FIRST, on=FIRST), "unknown"),
    (replace(SAID, said_on=FIRST, on=NEXT), "answer-superseded"),
    (replace(SAID, state=S.RETURNED), "answer-superseded"),
    (replace(SAID, state=S.CANCELLED), "answer-superseded"),
    (replace(SAID, is_latest=False), "later-attempt"),
    (replace(SAID, asked_back=True), "payment-asked-back"),
    (replace(SAID, said=S.REJECTED, state=S.REJECTED, rejection_confirmed=True), "rejection-confirmed-since"),
]


@pytest.mark.parametrize(("said", "outcome"), UNDONE)
def test_undoing_leads_to_what_is_known_or_is_refused(said: SaidOfPayment, outcome: str) -> None:
    with pytest.raises(Refused) if "-" in outcome else nullcontext() as refused:
        assert state_undone(said) == outcome
    assert refused is None or refused.value.code == outcome


@pytest.mark.parametrize(("state", "kind"), [(S.PAID, EntryKind.PAID), (S.RETURNED, EntryKind.RETURNED)])
def test_undone_answer_moves_its_money_back(state: AttemptState, kind: EntryKind) -> None:
    sides = Counter(postings(kind, 7))
    sides.update(postings(UNDOES[state], 7))
    assert not any(sides.values())
