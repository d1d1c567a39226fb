"""Claims at the rate of the case, VAT by the rule of the scheme, and invoices in the time of grace."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.payments.domain.claim_lines import Line, check_line, compute
from services.payments.domain.grace import Orderable, check_ordered
from services.vouchers.domain.agreement import agreement_hash, terms_of
from services.vouchers.domain.terms import validity
from shared.contracts.binding import require_terms
from shared.contracts.common import AwardTerms
from shared.contracts.vouchers import FundsReservationRequested
from shared.kernel.errors import Contradiction, Refused
from shared.kernel.ids import new_id
from shared.policy.schema import Policy
from tests.support.applications import BOOK

NOW = datetime(2027, 7, 1, 12, tzinfo=UTC)
VALID_UNTIL = datetime(2027, 6, 15, 22, tzinfo=UTC)
"""The last day is 15 June 2027 in Warsaw and Zagreb; with 30 days of grace, 15 July."""
LINE = Line(1, "INV-1", date(2027, 2, 1), 10_000, 2_300, False, "PLN", 12_300, "2:a", date(2027, 2, 2), date(2027, 2, 3))
TERMS: dict[str, Any] = {"voucher_type": "small", "intensity_bp": 8_000, "largest_minor": 5_000_000, "recovers_vat": False}


def policy(region: str, scheme: str) -> Policy:
    return BOOK.resolve(region, scheme, date(2026, 12, 14))


POLISH, FLEMISH = policy("pl-malopolska", "bony-na-innowacje"), policy("be-kortrijk", "kmo-portefeuille")
PLAIN = policy("pl-malopolska", "bon-na-innowacje")


@pytest.mark.parametrize(("rate", "paid"), [(9_000, 11_070), (8_000, 9_840), (7_000, 8_610)])
def test_claim_is_paid_at_the_rate_of_its_voucher(rate: int, paid: int) -> None:
    sums = compute([LINE], POLISH, 5_000_000, 0, {**TERMS, "intensity_bp": rate})
    assert (sums.intensity_bp, sums.paid_minor, sums.own_minor) == (rate, paid, 12_300 - paid)
    assert compute([LINE], POLISH, 5_000_000, 0).intensity_bp == POLISH.value.intensity_bp


@pytest.mark.parametrize(
    ("rules", "recovers", "line", "code"),
    [
        (POLISH, False, {}, None),
        (POLISH, None, {}, None),
        (POLISH, False, {"vat_recoverable": True}, "above-invoice"),
        (POLISH, True, {}, "vat-declared-recoverable"),
        (POLISH, True, {"claimed_minor": 10_000}, None),
        (POLISH, True, {"claimed_minor": 12_301}, "above-invoice"),
        (FLEMISH, None, {"currency": "EUR"}, "vat-not-eligible"),
        (FLEMISH, None, {"currency": "EUR", "claimed_minor": 10_000}, None),
        (PLAIN, None, {}, None),
        (PLAIN, None, {"vat_recoverable": True}, "above-invoice"),
    ],
)
def test_vat_is_paid_for_as_the_scheme_says(rules: Policy, recovers: bool | None, line: dict[str, Any], code: str | None) -> None:
    """Regulation (EU) 2021/1060, Article 64(1)(c); kmo-portefeuille pays no VAT at all."""
    terms = {**TERMS, "recovers_vat": recovers}
    assert refused(lambda: check_line(replace(LINE, **line), rules, None, NOW, terms)) == code


@pytest.mark.parametrize(
    ("issued", "ordered", "code"),
    [
        ("2027-06-15", None, None),
        ("2027-06-16", None, "order-missing"),
        ("2027-06-16", "2027-06-15", None),
        ("2027-07-15", "2027-06-15", None),
        ("2027-07-16", "2027-06-15", "after-grace"),
        ("2027-07-01", "2027-06-16", "ordered-after-validity"),
        ("2027-06-01", "2027-06-02", "ordered-after-invoice"),
    ],
)
def test_what_was_ordered_in_time_is_redeemed_in_grace(issued: str, ordered: str | None, code: str | None) -> None:
    invoice = Orderable(date.fromisoformat(issued), date.fromisoformat(ordered) if ordered else None, "issued_on", "ordered_on")
    assert refused(lambda: check_ordered([invoice], POLISH, VALID_UNTIL)) == code
    assert refused(lambda: check_ordered([invoice], PLAIN, VALID_UNTIL)) is None  # the old rules stand in the old files


def test_claim_window_follows_the_time_of_grace() -> None:
    """Thirty days of grace, then the thirty days to claim; without grace they follow the validity."""
    issued = datetime(2026, 12, 15, 12, tzinfo=UTC)
    late, soon = validity(POLISH, issued), validity(PLAIN, issued)
    assert late.valid_until == soon.valid_until == VALID_UNTIL
    ends = [one.claim_window_until.date() for one in (soon, late)]
    assert ends == [date(2027, 7, 15), date(2027, 8, 16)]  # 14 August is a Saturday


class Award:
    id = application_id = call_id = organisation_id = new_id()
    policy_id, amount_minor, currency = POLISH.id, 4_000_000, "PLN"

    def __init__(self, terms: dict[str, Any] | None) -> None:
        self.terms = terms


def test_agreement_names_type_rate_and_own_share() -> None:
    terms = terms_of(POLISH, Award(TERMS))
    assert terms.voucher_title is not None
    assert (terms.voucher_title["en"], terms.intensity_bp) == ("Small voucher", 8_000)
    assert (terms.cost_minor, terms.own_minor) == (5_000_000, 1_000_000)
    assert terms.grace is not None
    assert (terms.grace.value, terms.vat, terms.recovers_vat) == (30, "not-recoverable", False)


def test_agreement_of_before_keeps_its_hash() -> None:
    """An acceptance has recorded it: what a policy does not have is no part of it."""
    terms = terms_of(PLAIN, Award(None))
    assert {"voucher_title", "vat", "recovers_vat", "grace"}.isdisjoint(terms.model_dump(exclude_none=True))
    assert agreement_hash(terms) != agreement_hash(terms_of(POLISH, Award(TERMS)))


@pytest.mark.parametrize(
    ("rules", "terms", "amount", "believed"),
    [
        (POLISH, TERMS, 4_000_000, True), (POLISH, TERMS, 5_000_001, False), (POLISH, {**TERMS, "intensity_bp": 8_500}, 1, False),
        (POLISH, {**TERMS, "voucher_type": None}, 1, False), (POLISH, {**TERMS, "largest_minor": 10_000_000}, 1, False),
        (POLISH, None, 4_000_000, False), (PLAIN, None, 4_000_000, True),
    ],
)  # fmt: skip
def test_terms_of_an_event_are_checked_against_the_policy(rules: Policy, terms: dict[str, Any] | None, amount: int, believed: bool) -> None:
    about = {name: new_id() for name in ("voucher_id", "application_id", "call_id", "award_id", "organisation_id")}
    said = None if terms is None else AwardTerms.model_validate(terms)
    event = FundsReservationRequested(
        **about, region=rules.region, amount_minor=amount, currency="PLN", policy_id=rules.id, terms=said
    )  # fmt: skip
    if believed:
        require_terms(event, rules, amount, said)
        return
    with pytest.raises(Contradiction):
        require_terms(event, rules, amount, said)


def refused(check: Any) -> str | None:
    """The code of the refusal, None without one."""
    try:
        check()
    except Refused as error:
        return error.code
    return None
