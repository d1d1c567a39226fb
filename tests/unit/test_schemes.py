"""Four schemes as they are published, each from the application to what is paid: verdict, award, agreement, dates, claim."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.applications.domain.earlier import Earlier
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from services.payments.domain.claim_lines import Line, check_line, compute
from services.vouchers.domain.agreement import terms_of
from services.vouchers.domain.terms import validity
from shared.calendars.time_limit import end_of_day
from shared.contracts.binding import require_terms, require_voucher_value
from shared.contracts.common import AwardTerms
from shared.contracts.vouchers import FundsReservationRequested
from shared.kernel.ids import new_id
from tests.support.applications import BOOK, form_with

ISSUED, CLAIMED = datetime(2027, 4, 1, 12, tzinfo=UTC), datetime(2027, 5, 3, 12, tzinfo=UTC)
CROATIA, MALOPOLSKA = ("hr-koprivnica", "vauceri-za-digitalizaciju"), ("pl-malopolska", "bony-na-innowacje")
FLANDERS, DENMARK = ("be-kortrijk", "kmo-portefeuille"), ("dk-kolding", "smv-digital")
SEATS = {"hr-koprivnica": ("HR", "HR063"), "pl-malopolska": ("PL", "PL213"), "be-kortrijk": ("BE", "BE254"), "dk-kolding": ("DK", "DK032")}
BEFORE, AFTER = date(2027, 2, 28), date(2027, 3, 1)
ONE, TWO, SKILLS = Earlier(types=("small",)), Earlier(types=("small", "large")), Earlier(types=("digital-skills",))


class Award:
    def __init__(self, policy_id: str, amount_minor: int, currency: str, terms: dict[str, Any]) -> None:
        self.id = self.application_id = self.call_id = self.organisation_id = new_id()
        self.policy_id, self.amount_minor, self.currency = policy_id, amount_minor, currency
        self.terms: dict[str, Any] | None = terms


@pytest.mark.parametrize(
    ("scheme", "on", "kind", "staff", "cost", "asked", "earlier", "award", "rate", "valid_through"),
    [
        # A call that opened in February keeps 60 % for digital skills; one of March has 90 %.
        (CROATIA, BEFORE, "digital-skills", 4, 1_110_000, 666_000, Earlier(), 666_000, 6_000, date(2027, 10, 1)),
        (CROATIA, AFTER, "digital-skills", 4, 1_110_000, 999_000, Earlier(), 999_000, 9_000, date(2027, 10, 1)),
        (CROATIA, AFTER, "cyber-resilience", 4, 2_200_000, 1_450_000, SKILLS, 1_450_000, 7_000, date(2027, 10, 1)),
        (MALOPOLSKA, AFTER, "small", 4, 5_000_000, 4_500_000, Earlier(), 4_500_000, 9_000, date(2027, 10, 1)),
        (MALOPOLSKA, AFTER, "large", 4, 10_000_000, 8_000_000, ONE, 8_000_000, 8_000, date(2027, 10, 1)),
        (MALOPOLSKA, AFTER, "large", 4, 10_000_000, 7_000_000, TWO, 7_000_000, 7_000, date(2027, 10, 1)),
        (FLANDERS, AFTER, "training", 4, 1_000_000, 300_000, Earlier(), 300_000, 3_000, date(2027, 10, 1)),
        (FLANDERS, AFTER, "training", 60, 1_000_000, 200_000, Earlier(year_granted_minor=700_000), 50_000, 2_000, date(2027, 10, 1)),
        (DENMARK, AFTER, "grant-250", 4, 50_000_000, 25_000_000, Earlier(), 25_000_000, 5_000, date(2028, 4, 1)),
    ],
)  # fmt: skip
def test_scheme_from_application_to_payment(
    scheme: tuple[str, str], on: date, kind: str, staff: int, cost: int, asked: int, earlier: Earlier, award: int, rate: int,
    valid_through: date,
) -> None:  # fmt: skip
    policy, (country, nuts) = BOOK.resolve(*scheme, on), SEATS[scheme[0]]
    form = form_with(
        applicant__country=country, applicant__nuts=nuts, costs__currency=policy.currency, costs__total_cost_minor=cost,
        costs__requested_minor=asked, costs__own_contribution_minor=cost - asked, firm__staff=staff, firm__turnover_minor=250_000_000,
        de_minimis__sectors=["none"], de_minimis__purposes=["none"],
    )  # fmt: skip
    form["extra"] = {"voucher-type": kind, "recovers-vat": False}
    verdict = assess(policy, read_form(form), on, earlier)
    assert (verdict.failed, verdict.amount_minor) == ([], award)
    assert verdict.terms is not None
    terms = AwardTerms(voucher_type=kind, intensity_bp=verdict.terms.intensity_bp, largest_minor=verdict.terms.largest_minor)
    given = Award(policy.id, award, policy.currency, terms.model_dump())
    about = {name: new_id() for name in ("voucher_id", "application_id", "call_id", "award_id", "organisation_id")}
    asked_for = FundsReservationRequested(
        **about, region=policy.region, amount_minor=award, currency=policy.currency, policy_id=policy.id, terms=terms
    )  # fmt: skip
    require_voucher_value(asked_for, policy, award)
    require_terms(asked_for, policy, award, terms)
    agreement, dates = terms_of(policy, given), validity(policy, ISSUED)
    assert (agreement.intensity_bp, agreement.amount_minor) == (rate, award)
    assert end_of_day(valid_through, policy.zone) == dates.valid_until
    invoice = Line(1, "INV-1", date(2027, 4, 20), agreement.cost_minor, 0, False, policy.currency, agreement.cost_minor, "2:a")
    check_line(invoice, policy, None, CLAIMED, given.terms, dates.valid_until)
    sums = compute([invoice], policy, award, 0, given.terms)
    assert (sums.paid_minor, sums.own_minor) == (award, agreement.own_minor)
