"""Which line of a bank file is believed, and what it changes."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import RETURNED_BEFORE_BOOKED, BankLine, KnownAttempt, lines_of_report, match_line
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.iso20022.model import payment_information_id, reference
from services.payments.iso20022.pain002 import GroupStatus, StatusReport, TransactionStatus, Verdict
from shared.kernel.money import Money

DISBURSEMENT, BATCH, OTHER_BATCH = UUID(int=7), UUID(int=1), UUID(int=2)
FIRST = KnownAttempt(UUID(int=71), DISBURSEMENT, BATCH, AttemptState.SENT, "HR01", Money(5000, "EUR"))
SECOND = replace(FIRST, attempt_id=UUID(int=72), batch_id=OTHER_BATCH)
BOOKED = BankLine(
    PaymentEvent.BOOKED, end_to_end_id=reference(DISBURSEMENT), instr_id=reference(FIRST.attempt_id),
    pmt_inf_id=payment_information_id(BATCH), account="HR01", amount=Money(5000, "EUR"), on=date(2026, 3, 4), bank_reference="B1",
)  # fmt: skip


def outcome(attempts: list[KnownAttempt], **change: Any) -> tuple[str, str]:
    result = match_line(replace(BOOKED, **change), attempts)
    return result.outcome, result.reason


def test_line_with_exact_references_and_amount_is_applied() -> None:
    result = match_line(BOOKED, [FIRST, SECOND])
    assert (result.outcome, result.attempt_id, result.state) == ("applied", FIRST.attempt_id, AttemptState.PAID)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"end_to_end_id": None, "instr_id": None}, "no-reference"),
        ({"end_to_end_id": "RENT-MARCH", "instr_id": None}, "unknown-reference"),
        ({"end_to_end_id": reference(UUID(int=8))}, "references-disagree"),
        ({"end_to_end_id": reference(UUID(int=8)), "instr_id": None}, "unknown-reference"),
        ({"instr_id": reference(UUID(int=99))}, "references-disagree"),
        ({"instr_id": reference(SECOND.attempt_id)}, "references-disagree"),
        ({"pmt_inf_id": payment_information_id(UUID(int=3))}, "references-disagree"),
        ({"instr_id": None, "pmt_inf_id": None}, "ambiguous-attempt"),
        ({"account": "HR99"}, "foreign-account"),
        ({"amount": Money(5001, "EUR")}, "wrong-amount"),
        ({"amount": Money(5000, "DKK")}, "wrong-amount"),
    ],
)
def test_ambiguous_line_is_unmatched(change: dict[str, Any], reason: str) -> None:
    assert outcome([FIRST, SECOND], **change) == ("unmatched", reason)


def test_line_with_few_references_matches_a_single_order() -> None:
    assert outcome([FIRST], instr_id=None, pmt_inf_id=None)[0] == "applied"
    assert outcome([FIRST, SECOND], instr_id=None)[0] == "applied"
    assert outcome([FIRST, SECOND], end_to_end_id=None)[0] == "applied"


def test_attempt_without_a_batch_is_not_matched() -> None:
    assert outcome([replace(FIRST, batch_id=None)], pmt_inf_id=None) == ("unmatched", "references-disagree")


def test_same_booking_is_repeated_and_another_is_unmatched() -> None:
    paid = replace(FIRST, state=AttemptState.PAID, bank_reference="B1")
    assert outcome([paid]) == ("repeated", "booked")
    assert outcome([paid], bank_reference="B2") == ("unmatched", "booked-twice")


def test_return_before_its_booking_waits() -> None:
    assert outcome([FIRST], event=PaymentEvent.RETURNED) == ("unmatched", RETURNED_BEFORE_BOOKED)


def test_contradicting_line_is_unmatched() -> None:
    assert outcome([replace(FIRST, state=AttemptState.REJECTED)]) == ("unmatched", "booked-after-rejected")
    assert outcome([replace(FIRST, state=AttemptState.PAID)], event=PaymentEvent.BANK_REJECTED)[0] == "unmatched"


def report(group: Verdict, *transactions: TransactionStatus) -> StatusReport:
    pmt_inf_id = payment_information_id(BATCH)
    return StatusReport("pain.002.001.10", "R", reference(BATCH), Verdict(None), (GroupStatus(pmt_inf_id, group),), transactions)


def test_group_status_covers_transactions_not_listed() -> None:
    orders = [("e1", "i1"), ("e2", "i2"), ("e3", "i3")]
    listed = TransactionStatus(payment_information_id(BATCH), "e2", "i2", Verdict("RJCT", ("AC04",)))
    lines = lines_of_report(report(Verdict("ACSP"), listed), orders)
    assert [(line.end_to_end_id, line.event) for line in lines] == [
        ("e2", PaymentEvent.BANK_REJECTED), ("e1", PaymentEvent.BANK_ACCEPTED), ("e3", PaymentEvent.BANK_ACCEPTED),
    ]  # fmt: skip


@pytest.mark.parametrize("verdict", [Verdict("PART"), Verdict("RCVD")])
def test_undecided_status_is_ignored(verdict: Verdict) -> None:
    [line] = lines_of_report(report(verdict), [("e1", "i1")])
    assert match_line(line, [FIRST]).outcome == "ignored"


@pytest.mark.parametrize(
    ("state", "found"), [(AttemptState.ACCEPTED, "ignored"), (AttemptState.PAID, "ignored"), (AttemptState.SENT, "unmatched")]
)
def test_duplicate_of_an_order_that_was_answered_is_ignored(state: AttemptState, found: str) -> None:
    ordered = [(reference(DISBURSEMENT), reference(FIRST.attempt_id))]
    [line] = lines_of_report(report(Verdict("RJCT", ("DUPL",))), ordered)
    match = match_line(line, [replace(FIRST, state=state)])
    assert (match.outcome, match.reason) == (found, "duplicate-of-an-order")
