"""Advance and balance: Regulation (EU) 2021/1060, Article 91(5), and a balance after the report: parts of a grant that add up to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.instalments import Guarantee, Standing, check_advance, largest_advance, split, unspent
from services.vouchers.domain.reports import final_report_due
from services.vouchers.domain.review import Due, review
from services.vouchers.domain.stages import Stage, Voucher
from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.policy.instalments import Advance, Balance, faults_of
from tests.unit.test_payments_decisions import NOW, VOUCHER
from tests.unit.test_regions import BOOK

GR = next(policy for policy in BOOK.all() if policy.id.startswith("gr-central-macedonia/innovation-voucher/2027-02-01"))
VALUE, UNCLAIMED = Money(1_000_000, "EUR"), replace(VOUCHER, region=GR.region)
LAST = date(2026, 4, 1)
GUARANTEE = Guarantee("ETE 12345/2026", 400_000, LAST)


def test_region_gives_two_fifths_in_advance_and_keeps_a_tenth() -> None:
    assert GR.advance is not None
    assert GR.balance is not None
    assert largest_advance(VALUE, GR) == Money(400_000, "EUR")
    assert (GR.advance.against, GR.balance.share_bp) == ("guarantee", 1_000)
    assert "91(5)" in GR.source_of("advance.share_bp")


@pytest.mark.parametrize(
    ("voucher", "asked", "guarantee", "code"),
    [
        ({}, 400_001, GUARANTEE, "above-advance"),
        ({}, 400_000, None, "guarantee-missing"),
        ({}, 400_000, replace(GUARANTEE, amount_minor=399_999), "guarantee-too-small"),
        ({}, 400_000, replace(GUARANTEE, valid_until=LAST - timedelta(days=1)), "guarantee-too-short"),
        ({"live_claims": 1}, 400_000, GUARANTEE, "advance-after-claims"),
        ({"state": "committed"}, 400_000, GUARANTEE, "not-issued"),
        ({"suspended": True}, 400_000, GUARANTEE, "voucher-suspended"),
    ],
)
def test_advance_is_refused_with_its_reason(voucher: dict[str, Any], asked: int, guarantee: Guarantee | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_advance(replace(UNCLAIMED, **voucher), VALUE, Money(asked, "EUR"), guarantee, GR, NOW)
    assert refused.value.code == code


def test_advance_follows_the_policy() -> None:
    check_advance(UNCLAIMED, VALUE, Money(400_000, "EUR"), GUARANTEE, GR, NOW)
    free = GR.model_copy(update={"advance": Advance(share_bp=3_000, against="acceptance")})
    check_advance(UNCLAIMED, VALUE, Money(300_000, "EUR"), None, free, NOW)
    for policy, given_, code in ((free, GUARANTEE, "guarantee-not-asked"), (GR.model_copy(update={"advance": None}), None, "no-advance")):
        with pytest.raises(Refused) as refused:
            check_advance(UNCLAIMED, VALUE, Money(1, "EUR"), given_, policy, NOW)
        assert refused.value.code == code


@given(grants=st.lists(st.integers(1, 400_000), min_size=1, max_size=12), advance=st.integers(0, 900_000), share=st.integers(0, 5_000))
def test_parts_of_claims_add_up(grants: list[int], advance: int, share: int) -> None:
    """Each claim is settled, kept or paid as a whole; together they never settle more than the advance, nor keep more than the share."""
    standing, paid = Standing(advance_minor=advance, share_bp=share), 0
    for grant in grants:
        parts = split(Money(grant, "EUR"), standing)
        assert parts.settled_minor + parts.retained_minor + parts.payable_minor == grant
        assert min(parts.settled_minor, parts.retained_minor, parts.payable_minor) >= 0
        paid += parts.payable_minor
        standing = replace(
            standing, granted_minor=standing.granted_minor + grant, settled_minor=standing.settled_minor + parts.settled_minor,
            retained_minor=standing.retained_minor + parts.retained_minor,
        )  # fmt: skip
    total = sum(grants)
    assert standing.settled_minor == min(advance, total)
    assert standing.retained_minor == min(total * share // 10_000, total - standing.settled_minor)
    assert advance - standing.settled_minor == unspent(advance, standing.settled_minor)
    assert advance + paid + standing.retained_minor - unspent(advance, standing.settled_minor) == total, "nothing is paid twice or lost"


def test_balance_waits_for_the_report_until_its_term() -> None:
    """The term of 60 days ends on a Sunday, so it moves to Monday (Regulation 1182/71, Article 3(4))."""
    ended = datetime(2027, 4, 21, 21, tzinfo=UTC)
    voucher = Voucher(state=Stage.SETTLING, state_since=ended, claimed_at=ended, claim_window_until=ended)
    due = final_report_due(GR, voucher)
    assert due == datetime(2027, 6, 22, 21, tzinfo=UTC), "20 June is a Sunday, and 21 June 2027 is Whit Monday"
    assert review(voucher, GR, due - timedelta(seconds=1)).due is None
    assert (review(voucher, GR, due).due, review(voucher, GR, due).at) == (Due.REPORT, due)
    sent = voucher.model_copy(update={"report_sent_at": ended})
    assert review(sent, GR, due).due is None, "an officer who is slow costs nobody the balance"
    returned = voucher.model_copy(update={"report_returned_at": due})
    assert review(returned, GR, due).due is None
    withdrawn = voucher.model_copy(update={"outcome": "withdrawn"})
    assert review(withdrawn, GR, due).due is not Due.REPORT


def test_tables_that_do_not_fit_together_are_refused() -> None:
    advance, balance = Advance(share_bp=9_500, against="acceptance"), GR.balance
    assert isinstance(balance, Balance)
    assert faults_of(advance, balance, has_report=True) == ["advance and balance are more than the whole"]
    assert faults_of(None, balance, has_report=False)[0].startswith("a balance waits for the report")
    assert faults_of(None, None, has_report=False) == []
