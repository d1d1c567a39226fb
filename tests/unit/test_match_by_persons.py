"""What a line means once persons have matched it to a payment, where the bank does not say it by itself."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import CREDIT_OF_OTHERS, RETURN_TAKEN_BACK, BankLine, KnownAttempt
from services.payments.domain.bank_statuses import StatusMeaning
from services.payments.domain.candidates import LineFacts, effect_of_match
from services.payments.domain.status import AttemptState
from shared.kernel.money import Money

S = AttemptState
A, D, B = (UUID(int=0xABC0 + number) for number in range(3))
SUM = Money(10_000, "EUR")
CANCELLED, BLOCKED = StatusMeaning.CANCELLED.value, StatusMeaning.BLOCKED.value
EFFECTS: list[tuple[str, AttemptState, str | None]] = [
    (CREDIT_OF_OTHERS, S.PAID, "returned"),
    (CREDIT_OF_OTHERS, S.SENT, None),
    (RETURN_TAKEN_BACK, S.RETURNED, "paid"),
    (RETURN_TAKEN_BACK, S.SENT, None),
    (RETURN_TAKEN_BACK, S.PAID, None),
    (CANCELLED, S.SENT, "rejected"),
    (CANCELLED, S.UNKNOWN, "rejected"),
    (CANCELLED, S.ACCEPTED, "rejected"),
    (CANCELLED, S.PAID, None),
    (BLOCKED, S.SENT, None),
]


@pytest.mark.parametrize(("note", "state", "after"), EFFECTS)
def test_match_by_persons_says_what_the_bank_left_out(note: str, state: AttemptState, after: str | None) -> None:
    attempt = KnownAttempt(A, D, B, state, "HR01", SUM)
    of_report = note in (CANCELLED, BLOCKED)
    line = BankLine(None, note, end_to_end_id=D.hex, amount=None if of_report else SUM)
    effect = effect_of_match(LineFacts(line, None, () if of_report else ("HR01",)), attempt)
    assert effect.state == after
    assert effect_of_match(LineFacts(line, None, ()), replace(attempt, given_out=False)).state is None
