"""Which line of a bank file is believed, and what it changes."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import CAME_BACK_EARLY, Line, Ordered, judge, lines_of_report
from services.payments.domain.status import Happening, State
from services.payments.iso20022.model import payment_information_id, reference
from services.payments.iso20022.pain002 import GroupStatus, StatusReport, TransactionStatus, Verdict
from shared.kernel.money import Money

DISBURSEMENT, BATCH, OTHER_BATCH = UUID(int=7), UUID(int=1), UUID(int=2)
FIRST = Ordered(UUID(int=71), DISBURSEMENT, BATCH, State.SENT, "HR01", Money(5000, "EUR"))
SECOND = replace(FIRST, attempt_id=UUID(int=72), batch_id=OTHER_BATCH)
BOOKED = Line(
    Happening.BOOKED, end_to_end_id=reference(DISBURSEMENT), instr_id=reference(FIRST.attempt_id),
    pmt_inf_id=payment_information_id(BATCH), account="HR01", amount=Money(5000, "EUR"), on=date(2026, 3, 4), bank_reference="B1",
)  # fmt: skip


def outcome(attempts: list[Ordered], **change: Any) -> tuple[str, str]:
    finding = judge(replace(BOOKED, **change), attempts)
    return finding.outcome, finding.reason


def test_a_line_that_names_one_order_with_its_very_amount_is_applied() -> None:
    finding = judge(BOOKED, [FIRST, SECOND])
    assert (finding.outcome, finding.attempt_id, finding.state) == ("applied", FIRST.attempt_id, State.PAID)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"end_to_end_id": None, "instr_id": None}, "no-reference"),
        ({"end_to_end_id": "RENT-MARCH"}, "unknown-reference"),
        ({"end_to_end_id": reference(UUID(int=8))}, "unknown-reference"),
        ({"instr_id": reference(UUID(int=99))}, "references-disagree"),
        ({"instr_id": reference(SECOND.attempt_id)}, "references-disagree"),
        ({"pmt_inf_id": "THEIRS-1"}, "references-disagree"),
        ({"instr_id": None, "pmt_inf_id": None}, "ambiguous-attempt"),
        ({"account": "HR99"}, "foreign-account"),
        ({"amount": Money(5001, "EUR")}, "wrong-amount"),
        ({"amount": Money(5000, "DKK")}, "wrong-amount"),
    ],
)
def test_a_line_that_may_mean_something_else_is_left_to_a_person(change: dict[str, Any], reason: str) -> None:
    assert outcome([FIRST, SECOND], **change) == ("unmatched", reason)


def test_missing_references_are_no_matter_where_only_one_order_is_meant() -> None:
    assert outcome([FIRST], instr_id=None, pmt_inf_id=None)[0] == "applied"
    assert outcome([FIRST, SECOND], instr_id=None)[0] == "applied"
    assert outcome([FIRST, SECOND], end_to_end_id=None)[0] == "applied"


def test_an_attempt_that_was_never_in_a_file_cannot_be_answered() -> None:
    assert outcome([replace(FIRST, batch_id=None)], pmt_inf_id=None) == ("unmatched", "references-disagree")


def test_the_same_booking_again_is_old_news_and_another_one_is_not() -> None:
    paid = replace(FIRST, state=State.PAID, bank_reference="B1")
    assert outcome([paid]) == ("repeated", "booked")
    assert outcome([paid], bank_reference="B2") == ("unmatched", "booked-twice")


def test_a_return_before_its_booking_waits_for_it() -> None:
    assert outcome([FIRST], happening=Happening.CAME_BACK) == ("unmatched", CAME_BACK_EARLY)


def test_what_contradicts_is_left_to_a_person() -> None:
    assert outcome([replace(FIRST, state=State.REJECTED)]) == ("unmatched", "booked-after-rejected")
    assert outcome([replace(FIRST, state=State.PAID)], happening=Happening.BANK_REJECTED)[0] == "unmatched"


def report(group: Verdict, *transactions: TransactionStatus) -> StatusReport:
    pmt_inf_id = payment_information_id(BATCH)
    return StatusReport("pain.002.001.10", "R", None, reference(BATCH), Verdict(None), (GroupStatus(pmt_inf_id, group),), transactions)


def test_a_verdict_on_the_group_covers_what_is_not_listed() -> None:
    orders = [("e1", "i1"), ("e2", "i2"), ("e3", "i3")]
    listed = TransactionStatus(payment_information_id(BATCH), "e2", "i2", Verdict("RJCT", ("AC04",)))
    lines = lines_of_report(report(Verdict("ACSP"), listed), orders)
    assert [(line.end_to_end_id, line.happening) for line in lines] == [
        ("e2", Happening.BANK_REJECTED), ("e1", Happening.BANK_ACCEPTED), ("e3", Happening.BANK_ACCEPTED),
    ]  # fmt: skip


@pytest.mark.parametrize("verdict", [Verdict("PART"), Verdict("RCVD"), Verdict("RJCT", ("DUPL",))])
def test_a_verdict_that_decides_nothing_or_speaks_of_a_repetition_changes_nothing(verdict: Verdict) -> None:
    [line] = lines_of_report(report(verdict), [("e1", "i1")])
    assert judge(line, [FIRST]).outcome == "ignored"
