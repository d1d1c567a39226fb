"""Claims, approvals, settlement, batches: one rule at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.approvals import Earlier, approvals_needed, check_approver
from services.payments.domain.batches import Candidate, batch_file, execution_day, reason_to_wait
from services.payments.domain.claims import ClaimedVoucher, Evidence, PayTo, check_claim
from services.payments.domain.payees import check_payee, party_of
from services.payments.domain.settlement import Position, has_run_out, largest_recovery
from services.payments.iso20022.pain001 import build_batch
from shared.kernel.errors import Forbidden, Refused
from shared.kernel.money import Money
from tests.support.payments import IBANS, policy_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWN, OTHER = UUID(int=1), UUID(int=2)
HR = policy_of("hr-koprivnica")
VOUCHER = ClaimedVoucher(
    state="issued", region=HR.region, organisation_id=OWN, payment_mode="reimbursement", suspended=False, closure_reason=None,
    claim_window_until=NOW + timedelta(days=30), unclaimed=Money(500_000, "EUR"),
)  # fmt: skip
PAYEE = PayTo("beneficiary", HR.region, OWN)
PROOF = [Evidence(kind, f"{number:064x}", date(2026, 3, 1), 100_000) for number, kind in enumerate(HR.claims.evidence)]


def claim(
    voucher: ClaimedVoucher = VOUCHER, payee: PayTo = PAYEE, requested: int = 80_000, proof: Any = PROOF, now: datetime = NOW
) -> None:
    check_claim(voucher, payee, Money(100_000, "EUR"), Money(requested, "EUR"), proof, HR, now)


def refusal(**change: Any) -> str:
    with pytest.raises(Refused) as caught:
        claim(**change)
    return caught.value.code


def test_a_claim_in_order_is_taken() -> None:
    claim()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "committed"}, "not-issued"),
        ({"state": "settled"}, "claims-closed"),
        ({"suspended": True}, "suspended"),
        ({"closure_reason": "withdrawn"}, "claims-closed"),
        ({"claim_window_until": NOW}, "claims-closed"),
        ({"unclaimed": Money(79_999, "EUR")}, "above-value"),
        ({"region": "pl-malopolska"}, "payee-foreign"),
        ({"payment_mode": "provider-direct"}, "payee-kind"),
        ({"organisation_id": OTHER}, "payee-foreign"),
    ],
)
def test_a_voucher_that_takes_no_such_claim(change: dict[str, Any], code: str) -> None:
    assert refusal(voucher=replace(VOUCHER, **change)) == code


def test_the_last_moment_of_the_claim_window_still_counts() -> None:
    claim(voucher=replace(VOUCHER, claim_window_until=NOW + timedelta(microseconds=1)))


def test_no_claim_after_the_end_of_the_programme() -> None:
    late = HR.programme_end_at
    assert refusal(voucher=replace(VOUCHER, claim_window_until=late + timedelta(days=9)), now=late) == "programme-ended"


def test_a_provider_that_is_the_beneficiary_is_refused_and_another_is_paid() -> None:
    direct = replace(VOUCHER, payment_mode="provider-direct")
    assert refusal(voucher=direct, payee=PayTo("provider", HR.region, OWN)) == "related-party"
    claim(voucher=direct, payee=PayTo("provider", HR.region, OTHER))
    claim(voucher=direct, payee=PayTo("provider", HR.region, None))


def test_aid_is_at_most_the_intensity_of_the_expenditure() -> None:
    assert refusal(requested=80_001) == "above-intensity"


def test_evidence_has_to_be_whole_single_dated_and_to_cover_the_expenditure() -> None:
    assert refusal(proof=PROOF[1:]) == "evidence-missing"
    assert refusal(proof=[*PROOF, PROOF[0]]) == "evidence-repeated"
    assert refusal(proof=[replace(PROOF[0], issued_on=date(2026, 3, 3)), *PROOF[1:]]) == "evidence-in-future"
    assert refusal(proof=[replace(PROOF[0], amount_minor=99_999), *PROOF[1:]]) == "not-invoiced"


def test_a_second_approver_is_needed_above_the_amount_and_not_at_it() -> None:
    limit = HR.approvals.second_approver_above_minor
    assert [approvals_needed(amount, HR.approvals) for amount in (limit, limit + 1)] == [1, 2]


@pytest.mark.parametrize(
    ("who", "code"),
    [("preparer", "prepared-it"), ("changer", "changed-the-account"), ("checker", "checked-the-claim"), ("first", "approved-already")],
)
def test_nobody_approves_what_they_had_a_hand_in(who: str, code: str) -> None:
    earlier = Earlier("preparer", "changer", "checker", frozenset({"first"}))
    with pytest.raises(Forbidden) as caught:
        check_approver(who, earlier)
    assert caught.value.code == code
    check_approver("somebody-else", earlier)


RUN_OUT = Position("issued", "claim-window-ended", 100, 50, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"closure_reason": None}, False),
        ({"closure_reason": None, "claimed_minor": 100}, True),
        ({"open_claims": 1}, False),
        ({"open_disbursements": 1}, False),
        ({"open_recoveries": 1}, False),
        ({"state": "settled"}, False),
        ({"state": "released"}, False),
    ],
)
def test_a_voucher_has_run_out_when_nothing_may_come_and_nothing_is_open(change: dict[str, Any], expected: bool) -> None:
    assert has_run_out(replace(RUN_OUT, **change)) is expected


def test_only_what_was_paid_and_not_asked_back_can_be_asked_back() -> None:
    assert [largest_recovery(100, []), largest_recovery(100, [60, 30]), largest_recovery(50, [60])] == [100, 10, 0]


def candidate(number: int, **change: Any) -> Candidate:
    payee = party_of("Studio Primjer", IBANS["EUR"][0])
    return replace(Candidate(UUID(int=number), UUID(int=number + 100), Money(10_000, "EUR"), payee, "KOP-1", False, None), **change)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"suspended": True}, "voucher-suspended"),
        ({"cooling_off_until": NOW + timedelta(seconds=1)}, "account-resting"),
        ({"cooling_off_until": NOW}, None),
        ({"payee": party_of("Студио", IBANS["EUR"][0])}, "not-payable"),
    ],
)
def test_what_waits_for_a_later_batch(change: dict[str, Any], code: str | None) -> None:
    assert reason_to_wait(candidate(1, **change), HR, NOW) == code


def test_nothing_is_paid_after_the_end_of_the_programme() -> None:
    assert reason_to_wait(candidate(1), HR, HR.programme_end_at) == "programme-ended"


def test_the_same_batch_has_the_same_bytes_in_whatever_order_it_was_gathered() -> None:
    one, two = (batch_file(UUID(int=9), HR, order, NOW) for order in ([candidate(1), candidate(2)], [candidate(2), candidate(1)]))
    assert build_batch(one) == build_batch(two)


def test_a_batch_of_a_saturday_is_executed_on_monday_and_over_easter_on_tuesday() -> None:
    assert execution_day(HR, datetime(2026, 3, 7, 10, tzinfo=UTC)) == date(2026, 3, 9)
    assert execution_day(HR, datetime(2026, 4, 3, 10, tzinfo=UTC)) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("region", "account", "field"),
    [
        ("hr-koprivnica", "HR1210010051863000161", "account"),
        ("pl-malopolska", IBANS["EUR"][0], "account"),
        ("hr-koprivnica", "00400440116243", "account"),
    ],
)
def test_an_account_that_the_regions_bank_would_refuse_is_refused_at_registration(region: str, account: str, field: str) -> None:
    with pytest.raises(Refused) as caught:
        check_payee(party_of("Studio", account), policy_of(region).bank)
    assert caught.value.field == field
