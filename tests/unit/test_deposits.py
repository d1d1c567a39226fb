"""The own share as a deposit: kmo-portefeuille of Flanders, 30 calendar days from the approval, unused money paid back."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.deposits import Awaited, doubt_about_deposit, own_part, own_share, refuse_before_deposit
from services.vouchers.domain.agreement import agreement_hash, terms_of
from services.vouchers.domain.review import Due, review
from services.vouchers.domain.stages import Stage, Voucher
from shared.calendars.time_limit import TimeLimit
from shared.kernel.errors import Conflict
from shared.kernel.money import Money
from shared.policy.case_terms import granted_most
from shared.policy.own_share import Deposit
from shared.policy.schema import Policy
from tests.support.policies import policy_named
from tests.unit.test_regions import BOOK

PLAIN = policy_named(BOOK, "be-kortrijk/creative-voucher")
WITHIN = TimeLimit(value=30, unit="calendar-days", start="day-after")
KMO = PLAIN.model_copy(
    update={
        "deposit": Deposit(within=WITHIN), "value": PLAIN.value.model_copy(update={"intensity_bp": 3_000, "own_contribution_bp": 7_000}),
    }
)  # fmt: skip
ISSUED = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = KMO.deadline(WITHIN, ISSUED)
AWAITED = Awaited("awaited", "BE00", Money(700_000, "EUR"), DUE, KMO.zone)


def test_own_share_is_what_the_aid_leaves() -> None:
    assert own_share(Money(300_000, "EUR"), KMO, KMO.value.intensity_bp) == Money(700_000, "EUR")
    assert own_share(Money(1, "EUR"), KMO, KMO.value.intensity_bp) == Money(3, "EUR"), (
        "the cost of which one cent is at most 30 % is four cents"
    )
    assert own_share(Money(300_000, "EUR"), PLAIN, PLAIN.value.intensity_bp) == Money(0, "EUR")


@pytest.mark.parametrize(
    ("awaited", "line", "doubt"),
    [
        ({}, {}, None),
        ({}, {"booked_on": date(2026, 4, 1)}, None),
        ({}, {"booked_on": date(2026, 4, 2)}, "deposit-too-late"),
        ({}, {"account": "BE01"}, "deposit-foreign-account"),
        ({}, {"amount": Money(699_999, "EUR")}, "deposit-partial"),
        ({}, {"amount": Money(700_001, "EUR")}, "deposit-wrong-amount"),
        ({}, {"amount": Money(700_000, "DKK")}, "deposit-wrong-amount"),
        ({"state": "lapsed"}, {}, "deposit-when-lapsed"),
        ({"state": "paid"}, {}, "deposit-when-paid"),
    ],
)
def test_credit_is_the_deposit_or_a_person_looks(awaited: dict[str, Any], line: dict[str, Any], doubt: str | None) -> None:
    """Thirty days from 2 March end on 1 April 2026; what counts is the day of the booking."""
    credit = {"account": "BE00", "amount": Money(700_000, "EUR"), "booked_on": date(2026, 3, 20)} | line
    assert doubt_about_deposit(replace(AWAITED, **awaited), credit["account"], credit["amount"], credit["booked_on"]) == doubt


def test_voucher_lapses_without_its_deposit() -> None:
    """Once the bank's statement of the last day has had its time to come."""
    voucher = Voucher(state=Stage.ISSUED, issued_at=ISSUED, valid_until=ISSUED + timedelta(days=180))
    assert review(voucher, KMO, DUE).due is None
    lapses_at = review(voucher, KMO, DUE).until
    assert lapses_at == KMO.deadline(KMO.bank.silence_after, DUE - timedelta(seconds=1))
    assert review(voucher, KMO, lapses_at).due is Due.DEPOSIT
    paid = voucher.model_copy(update={"deposit_paid_at": DUE})
    assert review(paid, KMO, lapses_at).due is None
    assert review(voucher, PLAIN, lapses_at).due is None


@pytest.mark.parametrize(("policy", "most"), [(KMO, 300_000), (PLAIN, PLAIN.value.largest_minor)])
def test_voucher_with_a_deposit_does_not_grow(policy: Policy, most: int) -> None:
    """The deposit is the own share of the award, paid in once: of a larger cost a part would be paid by nobody. A lower amount can be
    raised again up to the award; what is left of the deposit goes back."""
    assert granted_most(policy, None, 300_000) == most
    assert granted_most(policy, {"largest_minor": 200_000}, 300_000) == 200_000


@given(grants=st.lists(st.integers(1, 100_000), min_size=1, max_size=12), cheaper=st.integers(0, 3))
def test_claims_never_use_more_than_the_deposit(grants: list[int], cheaper: int) -> None:
    """Deposit in = used + sent back, whatever the claims; each provider gets at most the expenditure."""
    value = sum(grants)
    deposit = left = own_share(Money(value, "EUR"), KMO, KMO.value.intensity_bp).minor
    for grant in grants:
        eligible = -(-grant * 10_000 // 3_000) - min(cheaper, grant)
        part = own_part(Money(grant, "EUR"), Money(max(grant, eligible), "EUR"), left, KMO.value.intensity_bp)
        assert 0 <= part <= left
        assert grant + part <= max(grant, eligible)
        left -= part
    assert 0 <= left <= deposit


def test_nothing_is_claimed_before_the_deposit() -> None:
    refuse_before_deposit(None)
    refuse_before_deposit("paid")
    with pytest.raises(Conflict, match="own share"):
        refuse_before_deposit("awaited")


def test_agreement_names_the_deposit_and_others_keep_their_hash() -> None:
    """What is accepted is hashed: an agreement without such parts has the hash that it had before there could be any."""
    award = SimpleNamespace(
        id=UUID(int=1), application_id=UUID(int=2), call_id=UUID(int=3), organisation_id=UUID(int=4), policy_id="p", amount_minor=300_000,
        currency="EUR", terms=None,
    )  # fmt: skip
    with_deposit, without = terms_of(KMO, award), terms_of(PLAIN, award)
    assert with_deposit.parts is not None
    assert (with_deposit.parts.deposit_minor, with_deposit.parts.advance_minor) == (700_000, None)
    assert without.parts is None
    old = without.model_dump(mode="json", exclude_none=True)
    assert agreement_hash(without) == sha256(json.dumps(old, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
