"""Which attempt at a payment a booking or a return is of, where the bank gives few references."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import KnownAttempt, lines_of_statement, match_line
from services.payments.domain.status import AttemptState
from services.payments.iso20022.camt053 import read_statement
from shared.kernel.money import Money
from tests.bank.test_cases import A2, B2, D2, SENT, A, D, statement

FIRST_PAID = replace(SENT, state=AttemptState.RETURNED, paid_on=date(2026, 3, 2), execution_on=date(2026, 3, 2))
SECOND_SENT = replace(SENT, attempt_id=UUID(A2), batch_id=UUID(B2), execution_on=date(2026, 3, 5))
SECOND_PAID = replace(SECOND_SENT, state=AttemptState.PAID, paid_on=date(2026, 3, 6))
DAYS: list[tuple[str, KnownAttempt, int, str, str, str | None]] = [
    ("a debit after the second was ordered", SECOND_SENT, 6, "DBIT", "applied", A2),
    ("a debit on the day of the order", SECOND_SENT, 5, "DBIT", "applied", A2),
    ("the first debit again", SECOND_SENT, 2, "DBIT", "repeated", A),
    ("a debit of a day between", SECOND_SENT, 3, "DBIT", "ambiguous-attempt", None),
    ("the first debit again, in the statement of the month", SECOND_PAID, 2, "DBIT", "repeated", A),
    ("the second debit again", SECOND_PAID, 6, "DBIT", "repeated", A2),
    ("the return of the first, again", SECOND_PAID, 3, "CRDT", "repeated", A),
    ("the return of the second", SECOND_PAID, 9, "CRDT", "applied", A2),
]


@pytest.mark.parametrize(("second", "day", "way", "found", "which"), [case[1:] for case in DAYS], ids=[case[0] for case in DAYS])
def test_day_says_which_attempt_was_booked(second: KnownAttempt, day: int, way: str, found: str, which: str | None) -> None:
    """After a return (K3): the booking of the first attempt is known by its day."""
    more = f"<BookgDt><Dt>2026-03-{day:02}</Dt></BookgDt>" + ("<RvslInd>true</RvslInd>" if way == "CRDT" else "")
    [line] = lines_of_statement(read_statement(statement({"EndToEndId": D}, way, more), max_bytes=10_000))
    match = match_line(line, [FIRST_PAID, second])
    assert found in (match.outcome, match.reason)
    assert match.attempt_id == (UUID(which) if which else None)


ORPHAN = replace(SECOND_SENT, state=AttemptState.UNKNOWN, is_orphan=True)
FIRST_REJECTED = replace(SENT, state=AttemptState.REJECTED)
ORPHANS: list[tuple[str, list[KnownAttempt], dict[str, str], str, str]] = [
    ("the payment alone, after a rejection", [FIRST_REJECTED, ORPHAN], {"EndToEndId": D}, "DBIT", "ordered-before-restore"),
    ("the payment alone, after a return", [FIRST_PAID, ORPHAN], {"EndToEndId": D}, "DBIT", "ordered-before-restore"),
    ("the claim is lost too", [ORPHAN], {"EndToEndId": D, "InstrId": "NOTPROVIDED"}, "DBIT", "ordered-before-restore"),
    ("in capitals", [ORPHAN], {"EndToEndId": D.upper(), "InstrId": "BANKREF"}, "DBIT", "ordered-before-restore"),
    ("its return", [ORPHAN], {"EndToEndId": D}, "CRDT", "ordered-before-restore"),
    ("the first attempt by its own reference", [FIRST_REJECTED, ORPHAN], {"InstrId": A}, "DBIT", "booked-after-rejected"),
    ("two orders for one payment", [ORPHAN, replace(ORPHAN, attempt_id=UUID(A))], {"EndToEndId": D}, "DBIT", "ambiguous-attempt"),
    ("another amount", [replace(ORPHAN, amount=Money(9_900, "EUR"))], {"EndToEndId": D}, "DBIT", "wrong-amount"),
    ("another account", [replace(ORPHAN, account="GB33BUKB20201555555555")], {"EndToEndId": D}, "DBIT", "foreign-account"),
]


@pytest.mark.parametrize(("attempts", "refs", "way", "found"), [case[1:] for case in ORPHANS], ids=[case[0] for case in ORPHANS])
def test_answer_to_an_orphan_order_waits_for_it(attempts: list[KnownAttempt], refs: dict[str, str], way: str, found: str) -> None:
    """After a restore: an order in a payment file that has no approved attempt here is what the bank may speak of."""
    more = "<BookgDt><Dt>2026-03-06</Dt></BookgDt>"
    [line] = lines_of_statement(read_statement(statement(refs, way, more), max_bytes=10_000))
    match = match_line(line, attempts)
    assert (match.outcome, match.reason) == ("unmatched", found)
    assert match.attempt_id == (UUID(A) if found == "booked-after-rejected" else None)


TWO_OF_ONE: list[tuple[str, dict[str, str], dict[str, str], bool]] = [
    ("first without InstrId", {"EndToEndId": D}, {"EndToEndId": D, "InstrId": A}, True),
    ("second without InstrId", {"EndToEndId": D, "InstrId": A}, {"EndToEndId": D, "InstrId": "NOTPROVIDED"}, True),
    ("two attempts", {"EndToEndId": D, "InstrId": A}, {"EndToEndId": D, "InstrId": A2}, False),
    ("two payments", {"EndToEndId": D, "InstrId": A}, {"EndToEndId": D2, "InstrId": A2}, False),
]


@pytest.mark.parametrize(("one", "other", "again"), [case[1:] for case in TWO_OF_ONE], ids=[case[0] for case in TWO_OF_ONE])
def test_second_debit_is_known_by_any_reference(one: dict[str, str], other: dict[str, str], again: bool) -> None:
    """M4: within one statement two booked entries are two movements, with few references too."""
    first, second = statement(one), statement(other)
    begin, end = second.index(b"<Ntry>"), first.index(b"</Stmt>")
    lines = lines_of_statement(read_statement(first[:end] + second[begin:], max_bytes=10_000))
    assert [line.again for line in lines] == [False, again]
