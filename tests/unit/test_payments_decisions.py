"""Claims, settlement, batches: one rule at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.batches import WAIT_MEANINGS, Candidate, WaitReason, batch_file, execution_day, reason_to_wait
from services.payments.domain.claims import ClaimedVoucher, Evidence, PayTo, check_claim
from services.payments.domain.payees import check_payable, party_of
from services.payments.domain.settlement import Balance, has_run_out, largest_recovery
from services.payments.iso20022.pain001 import build_batch
from shared.kernel.errors import Refused
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
PROOF = [
    Evidence(kind, f"{number:064x}", date(2026, 3, 1), 100_000, f"N-{number}", f"2:{number}")
    for number, kind in enumerate(HR.claims.evidence)
]


def claim(
    voucher: ClaimedVoucher = VOUCHER, payee: PayTo = PAYEE, requested: int = 80_000, proof: Any = PROOF, now: datetime = NOW
) -> None:
    check_claim(voucher, payee, Money(100_000, "EUR"), Money(requested, "EUR"), proof, HR, now)


def refusal(**change: Any) -> str:
    with pytest.raises(Refused) as caught:
        claim(**change)
    return caught.value.code


def test_claim_in_order_is_accepted() -> None:
    claim()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "committed"}, "not-issued"),
        ({"state": "settled"}, "claims-closed"),
        ({"suspended": True}, "voucher-suspended"),
        ({"closure_reason": "withdrawn"}, "claims-closed"),
        ({"claim_window_until": NOW}, "claim-window-ended"),
        ({"unclaimed": Money(79_999, "EUR")}, "above-value"),
        ({"region": "pl-malopolska"}, "payee-in-other-region"),
        ({"payment_mode": "provider-direct"}, "payee-kind"),
        ({"organisation_id": OTHER}, "payee-foreign"),
    ],
)
def test_voucher_refuses_the_claim(change: dict[str, Any], code: str) -> None:
    assert refusal(voucher=replace(VOUCHER, **change)) == code


def test_claim_at_the_last_moment_of_the_window_is_in_time() -> None:
    claim(voucher=replace(VOUCHER, claim_window_until=NOW + timedelta(microseconds=1)))


def test_claim_after_the_programme_is_refused() -> None:
    late = HR.programme_end_at
    assert refusal(voucher=replace(VOUCHER, claim_window_until=late + timedelta(days=9)), now=late) == "programme-ended"


def test_provider_that_is_the_beneficiary_is_refused() -> None:
    direct = replace(VOUCHER, payment_mode="provider-direct")
    assert refusal(voucher=direct, payee=PayTo("provider", HR.region, OWN)) == "related-party"
    claim(voucher=direct, payee=PayTo("provider", HR.region, OTHER))
    claim(voucher=direct, payee=PayTo("provider", HR.region, None))


def test_aid_above_the_intensity_is_refused() -> None:
    assert refusal(requested=80_001) == "above-intensity"


def test_claim_below_the_smallest_or_beyond_the_most_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = HR.claims.model_copy(update={"smallest_minor": 80_001, "most_per_voucher": 2})
    monkeypatch.setitem(globals(), "HR", HR.model_copy(update={"claims": limits}))
    assert refusal() == "claim-too-small"
    claim(voucher=replace(VOUCHER, unclaimed=Money(80_000, "EUR"), live_claims=1))
    assert refusal(voucher=replace(VOUCHER, unclaimed=Money(80_000, "EUR"), live_claims=2)) == "claims-used-up"


def test_incomplete_or_wrong_evidence_is_refused() -> None:
    assert refusal(proof=PROOF[1:]) == "evidence-missing"
    assert refusal(proof=[*PROOF, PROOF[0]]) == "evidence-repeated"
    assert refusal(proof=[replace(PROOF[0], issued_on=date(2026, 3, 3)), *PROOF[1:]]) == "evidence-in-future"
    opened_later = replace(VOUCHER, opens_at=datetime(2026, 3, 1, 23, tzinfo=UTC))  # in Zagreb it is the 2nd
    assert refusal(voucher=opened_later) == "evidence-too-old"
    claim(voucher=replace(VOUCHER, opens_at=datetime(2026, 3, 1, 22, tzinfo=UTC)))
    again = replace(PROOF[0], sha256="f" * 64)
    assert (PROOF[0].kind, refusal(proof=[*PROOF, again])) == ("invoice", "evidence-repeated")
    assert refusal(proof=[replace(PROOF[0], amount_minor=99_999), *PROOF[1:]]) == "not-invoiced"


RUN_OUT = Balance("issued", "claim-window-ended", 100, 50, 0, 0, 0)


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
def test_voucher_runs_out_when_nothing_is_open_or_may_come(change: dict[str, Any], expected: bool) -> None:
    assert has_run_out(replace(RUN_OUT, **change)) is expected


def test_largest_recovery_is_paid_less_asked_back() -> None:
    assert [largest_recovery(100, []), largest_recovery(100, [60, 30]), largest_recovery(50, [60])] == [100, 10, 0]


def candidate(number: int, **change: Any) -> Candidate:
    payee = party_of("Studio Primjer", IBANS["EUR"][0])
    return replace(Candidate(UUID(int=number), UUID(int=number + 100), Money(10_000, "EUR"), payee, "KOP-1", False, None, 1), **change)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"suspended": True}, "voucher-suspended"),
        ({"cooling_off_until": NOW + timedelta(seconds=1)}, "account-cooling-off"),
        ({"cooling_off_until": NOW}, None),
        ({"payee": party_of("工作室", IBANS["EUR"][0])}, "not-payable"),
    ],
)
def test_reason_to_wait_for_a_later_batch(change: dict[str, Any], code: str | None) -> None:
    assert reason_to_wait(candidate(1, **change), HR, NOW) == code


def test_every_reason_to_wait_has_its_meaning() -> None:
    assert set(WAIT_MEANINGS) == set(WaitReason)


def test_payment_after_the_programme_waits() -> None:
    assert reason_to_wait(candidate(1), HR, HR.programme_end_at) == "programme-ended"


def test_batch_bytes_do_not_depend_on_the_order_of_reading() -> None:
    one, two = (batch_file(UUID(int=9), HR, order, NOW) for order in ([candidate(1), candidate(2)], [candidate(2), candidate(1)]))
    assert build_batch(one) == build_batch(two)


def test_execution_day_skips_weekend_and_easter() -> None:
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
def test_account_that_the_bank_would_refuse_is_refused(region: str, account: str, field: str) -> None:
    with pytest.raises(Refused) as caught:
        check_payable(party_of("Studio", account), policy_of(region).bank)
    assert caught.value.field == field
