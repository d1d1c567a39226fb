"""What finance decides on its desk: candidates of a line, sums of many approvals, proofs, changes of envelopes, rates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import BankLine, KnownAttempt
from services.payments.domain.bulk import ToApprove, Waiting, check_total
from services.payments.domain.candidates import LineFacts, candidates
from services.payments.domain.contradictions import ProposedResolution, check_fits_line
from services.payments.domain.envelope_changes import ChangeKind, Purse, check_change, entries_of
from services.payments.domain.ledger import balances, postings
from services.payments.domain.outcomes import ProvenOutcome, check_proof, state_after_proof
from services.payments.domain.rates import MonthlyRate, deriving_day, in_euro, monthly_rate
from services.payments.domain.status import AttemptState, PaymentEvent
from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.policy.answers import FileKind

FIRST = KnownAttempt(UUID(int=71), UUID(int=7), UUID(int=1), AttemptState.UNKNOWN, "HR01", Money(5000, "EUR"))
OTHER = replace(FIRST, attempt_id=UUID(int=81), disbursement_id=UUID(int=8), state=AttemptState.PAID)
DEBIT = BankLine(PaymentEvent.BOOKED, amount=Money(5000, "EUR"), bank_reference="B1")
ASKED = [ToApprove(UUID(int=7), "a" * 64), ToApprove(UUID(int=8), "b" * 64)]


def test_likeliest_payment_stands_first_with_its_effect() -> None:
    named, paid = candidates(LineFacts(DEBIT, FIRST.disbursement_id, {"HR01"}), [OTHER, FIRST])
    assert named.evidence == ("named-in-text", "same-amount", "same-account", "awaits-answer")
    assert (named.effect.state, named.entry) == (AttemptState.PAID, "paid")
    assert (paid.evidence, paid.entry) == (("same-amount", "same-account"), None)


@pytest.mark.parametrize(
    ("line", "attempt", "obstacle"),
    [
        (DEBIT, replace(FIRST, amount=Money(4999, "EUR")), "wrong-amount"),
        (DEBIT, replace(FIRST, account="HR02"), "foreign-account"),
        (DEBIT, replace(FIRST, given_out=False), "answered-before-release"),
        (DEBIT, replace(FIRST, state=AttemptState.REJECTED), "booked-after-rejected"),
        (replace(DEBIT, event=None), FIRST, "decides-nothing"),
    ],
)
def test_match_that_would_be_a_guess_is_not_offered(line: BankLine, attempt: KnownAttempt, obstacle: str) -> None:
    [found] = candidates(LineFacts(line, attempt.disbursement_id, {"HR01"}), [attempt])
    assert (found.effect.reason, found.entry) == (obstacle, None)


def test_payment_for_which_nothing_speaks_is_no_candidate() -> None:
    assert candidates(LineFacts(replace(DEBIT, amount=Money(1, "EUR")), None, {"HR01"}), [FIRST]) == []
    assert candidates(LineFacts(DEBIT, FIRST.disbursement_id, set()), [replace(FIRST, batch_id=None)]) == []


def code(refused: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(Refused) as refusal:
        refused(*arguments, **options)
    return refusal.value.code


def test_many_approvals_are_of_the_sum_that_was_seen() -> None:
    waiting = [Waiting(one.disbursement_id, AttemptState.PREPARED, Money(5000, "EUR")) for one in ASKED]
    check_total(ASKED, waiting, Money(10_000, "EUR"))
    decided = [waiting[0], replace(waiting[1], state=AttemptState.CANCELLED)]
    for found, expected in ((waiting, Money(9_999, "EUR")), (waiting, Money(10_000, "PLN")), (decided, Money(10_000, "EUR"))):
        assert code(check_total, ASKED, found, expected) == "total-changed"
    assert code(check_total, ASKED[:1] * 2, waiting, Money(10_000, "EUR")) == "listed-twice"


def test_only_money_that_came_in_is_income() -> None:
    for resolution in (ProposedResolution.INCOME, ProposedResolution.RECOVERY, ProposedResolution.RETURNED_TO_SENDER):
        check_fits_line(resolution, is_credit=True)
        assert code(check_fits_line, resolution, is_credit=False) == "not-a-credit"
    check_fits_line(ProposedResolution.MATCHED, is_credit=False)


def test_proof_ends_an_unknown_outcome_only() -> None:
    assert [state_after_proof(AttemptState.UNKNOWN, one) for one in ProvenOutcome] == [AttemptState.PAID, AttemptState.REJECTED]
    for state in set(AttemptState) - {AttemptState.UNKNOWN}:
        assert code(state_after_proof, state, ProvenOutcome.PAID) == "outcome-known"
    today = date(2026, 3, 2)
    assert check_proof(FileKind.PDF, 10, today, today) is FileKind.PDF
    assert code(check_proof, None, 10, today, today) == "proof-kind"
    assert code(check_proof, FileKind.PDF, 6_000_000, today, today) == "proof-too-large"
    assert code(check_proof, FileKind.PDF, 10, date(2026, 3, 3), today) == "proof-of-the-future"


def test_transfer_needs_two_envelopes_with_enough_money() -> None:
    target, source = Purse(UUID(int=1), "r", Money(0, "EUR"), False), Purse(UUID(int=2), "r", Money(500, "EUR"), False)
    check_change(target, source, 500)
    check_change(target, None, 10**9)
    for other, amount, refusal in (
        (source, 501, "above-available"),
        (replace(source, call_id=target.call_id), 1, "same-envelope"),
        (replace(source, region="other"), 1, "envelopes-differ"),
        (replace(source, available=Money(500, "PLN")), 1, "envelopes-differ"),
        (replace(source, awaits_confirmation=True), 1, "envelope-not-confirmed"),
    ):
        assert code(check_change, target, other, amount) == refusal


def test_each_entry_of_a_change_balances_and_money_only_moves() -> None:
    given, got = entries_of(ChangeKind.TRANSFER, UUID(int=1), UUID(int=2), 300)
    assert (given.call_id, got.call_id) == (UUID(int=2), UUID(int=1))
    sums = balances([postings(given.kind, 300), postings(got.kind, 300)])
    assert {account: amount for account, amount in sums.items() if amount} == {}
    [topped] = entries_of(ChangeKind.TOP_UP, UUID(int=1), None, 300)
    assert sum(postings(topped.kind, 300).values()) == 0


@pytest.mark.parametrize(
    ("month", "day"),
    [(date(2026, 3, 1), date(2026, 2, 26)), (date(2026, 1, 15), date(2025, 12, 30)), (date(2025, 5, 1), date(2025, 4, 29))],
)
def test_monthly_rate_is_of_the_last_but_one_working_day_before(month: date, day: date) -> None:
    """Source: six published months of the Commission's rate, checked (rules of the programme)."""
    assert deriving_day(month) == day


def test_amount_in_euro_is_rounded_once_and_names_its_rate() -> None:
    rate = monthly_rate("PLN", date(2026, 3, 9), Decimal("4.2500"))
    assert rate is not None
    assert (rate.id, rate.derived) == ("derived-PLN-2026-03", True)
    assert [in_euro(Money(minor, "PLN"), rate) for minor in (42_500, 1, 3)] == [10_000, 0, 1]
    assert monthly_rate("PLN", date(2026, 3, 9), None) is None
    euro = monthly_rate("EUR", date(2026, 3, 9), None)
    assert euro is not None
    assert (in_euro(Money(77, "EUR"), euro), euro.derived) == (77, False)
    with pytest.raises(ValueError, match="PLN"):
        in_euro(Money(1, "DKK"), MonthlyRate("PLN", date(2026, 3, 1), date(2026, 2, 26), Decimal(4)))
