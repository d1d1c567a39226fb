"""What one case gets: types of vouchers, rates, limits of an applicant. The figures are those of the schemes that the region files name."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.core_answers import core_faults
from services.applications.domain.costs import Excess, cost_sums
from services.applications.domain.earlier import NOTHING_EARLIER, Earlier, Held, earlier_of
from services.applications.domain.eligibility import Assessment, assess
from services.applications.domain.form import Form, read_form
from services.applications.domain.overrules import check_gives_something, decided
from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.policy.case_terms import allows, case_terms
from shared.policy.loader import LoadError, load_policy
from shared.policy.schema import Policy
from tests.support.applications import BOOK, REGIONS, form_with

DAY = date(2026, 12, 14)
CROATIA = ("hr-koprivnica", "vauceri-za-digitalizaciju")
MALOPOLSKA = ("pl-malopolska", "bony-na-innowacje")
FLANDERS = ("be-kortrijk", "kmo-portefeuille")
DENMARK = ("dk-kolding", "smv-digital")
SEATS = {"hr-koprivnica": ("HR", "HR063"), "pl-malopolska": ("PL", "PL213"), "be-kortrijk": ("BE", "BE254"), "dk-kolding": ("DK", "DK032")}


def policy(scheme: tuple[str, str], on: date = DAY) -> Policy:
    return BOOK.resolve(*scheme, on)


def assessed(
    rules: Policy, kind: str | None, cost: int, asked: int, earlier: Earlier = NOTHING_EARLIER, staff: int = 5, **answers: Any
) -> Assessment:
    return assess(rules, form_of(rules, kind, cost, asked, staff, **answers), DAY, earlier)


def form_of(rules: Policy, kind: str | None, cost: int, asked: int, staff: int = 5, **answers: Any) -> Form:
    """Of a firm of the region that pays what it does not ask for. Amounts in minor units."""
    country, nuts = SEATS[rules.region]
    form = form_with(
        applicant__country=country, applicant__nuts=nuts, costs__currency=rules.currency, costs__total_cost_minor=cost,
        costs__requested_minor=asked, costs__own_contribution_minor=cost - asked, firm__staff=staff,
        **{"firm__turnover_minor": 300_000_000, "de_minimis__sectors": ["none"], "de_minimis__purposes": ["none"], **answers},
    )  # fmt: skip
    form["extra"] = {"voucher-type": kind} if kind else {}
    return read_form(form)


@pytest.mark.parametrize(
    ("scheme", "on", "kind", "size", "number", "rate", "most"),
    [
        (CROATIA, DAY, "digital-skills", "micro", 1, 6_000, 999_000),
        (CROATIA, DAY, "cyber-resilience", "micro", 2, 6_000, 1_450_000),
        (CROATIA, DAY, "complex-solutions", "medium", 1, 6_000, 1_990_000),
        (CROATIA, date(2027, 3, 1), "digital-skills", "micro", 1, 9_000, 999_000),
        (CROATIA, date(2027, 3, 1), "digital-marketing", "micro", 1, 5_000, 999_000),
        (CROATIA, date(2027, 3, 1), "cyber-resilience", "micro", 1, 7_000, 1_450_000),
        (CROATIA, DAY, None, "micro", 1, 0, 1_990_000),
        (CROATIA, DAY, "no-such-type", "micro", 1, 0, 1_990_000),
        (MALOPOLSKA, DAY, "small", "micro", 1, 9_000, 5_000_000),
        (MALOPOLSKA, DAY, "small", "micro", 2, 8_000, 5_000_000),
        (MALOPOLSKA, DAY, "large", "medium", 3, 7_000, 10_000_000),
        (MALOPOLSKA, DAY, "large", "medium", 9, 7_000, 10_000_000),  # "po raz trzeci i kolejny"
        (FLANDERS, DAY, "training", "micro", 1, 3_000, 750_000),
        (FLANDERS, DAY, "training", "small", 5, 3_000, 750_000),
        (FLANDERS, DAY, "training", "medium", 1, 2_000, 750_000),
        (FLANDERS, DAY, "cybersecurity", "small", 1, 4_500, 750_000),
        (FLANDERS, DAY, "cybersecurity", "medium", 1, 3_500, 750_000),
        (FLANDERS, DAY, "training", "large", 1, 0, 750_000),
        (FLANDERS, DAY, "training", None, 1, 0, 750_000),
        (DENMARK, DAY, "grant-25", "micro", 1, 5_000, 2_500_000),
        (("hr-koprivnica", "digital-voucher"), DAY, None, None, 7, 8_000, 999_000),
    ],
)
def test_terms_of_a_case(scheme: tuple[str, str], on: date, kind: str | None, size: str | None, number: int, rate: int, most: int) -> None:
    terms = case_terms(policy(scheme, on), kind, size, number)
    assert (terms.intensity_bp, terms.largest_minor) == (rate, most)


@pytest.mark.parametrize(
    ("cost", "number", "aid"),
    [
        (4_000_000, 1, 3_600_000), (5_000_000, 1, 4_500_000), (9_000_000, 1, 4_500_000), (5_000_000, 2, 4_000_000),
        (5_000_000, 3, 3_500_000), (333_333, 3, 233_333),
    ],
)  # fmt: skip
def test_only_the_cost_that_counts_gets_aid(cost: int, number: int, aid: int) -> None:
    """Małopolska: at most PLN 50,000 of the expenditure of a small voucher counts; aid is rounded down."""
    assert case_terms(policy(MALOPOLSKA), "small", "micro", number).aid_for(Money(cost, "PLN")).minor == aid


HELD_TWO = Earlier(types=("digital-skills", "digital-marketing"))


@pytest.mark.parametrize(
    ("kind", "cost", "asked", "earlier", "staff", "failed"),
    [
        ("digital-skills", 1_665_000, 999_000, Earlier(), 1, []),
        ("digital-skills", 1_665_002, 999_001, Earlier(), 1, ["amount-most"]),
        ("cyber-resilience", 2_500_000, 1_450_000, Earlier(), 1, []),
        ("cyber-resilience", 2_500_000, 1_450_001, Earlier(), 1, ["amount-most"]),
        ("complex-solutions", 3_316_667, 1_990_000, Earlier(), 3, []),
        ("complex-solutions", 3_316_667, 1_990_000, Earlier(), 2, ["voucher-type"]),
        ("digital-skills", 1_000_000, 600_001, Earlier(), 5, ["intensity", "own-contribution"]),
        ("cyber-resilience", 1_000_000, 600_000, Earlier(types=("digital-skills",)), 5, []),
        ("digital-skills", 1_000_000, 600_000, Earlier(types=("digital-skills",)), 5, ["one-of-a-type"]),
        ("cyber-resilience", 1_000_000, 600_000, HELD_TWO, 5, ["vouchers-most"]),
        ("digital-skills", 1_000_000, 600_000, HELD_TWO, 5, ["vouchers-most", "one-of-a-type"]),
    ],
)
def test_croatia_two_vouchers_of_different_types(kind: str, cost: int, asked: int, earlier: Earlier, staff: int, failed: list[str]) -> None:
    assert assessed(policy(CROATIA), kind, cost, asked, earlier, staff).failed == failed


@pytest.mark.parametrize("kind", [None, "no-such-type"])
def test_type_has_to_be_chosen(kind: str | None) -> None:
    assert "voucher-type" in assessed(policy(CROATIA), kind, 1_000_000, 600_000).failed


@pytest.mark.parametrize(
    ("granted", "asked", "amount", "failed"),
    [
        (0, 30_000, 30_000, []), (720_000, 30_000, 30_000, []), (730_000, 30_000, 20_000, []), (748_000, 30_000, 2_000, []),
        (748_001, 30_000, 1_999, ["year-most"]), (750_000, 30_000, 0, ["year-most"]), (900_000, 30_000, 0, ["year-most"]),
    ],
)  # fmt: skip
def test_flanders_cuts_to_what_is_left_of_the_year(granted: int, asked: int, amount: int, failed: list[str]) -> None:
    found = assessed(policy(FLANDERS), "training", 100_000, asked, Earlier(year_granted_minor=granted))
    assert (found.amount_minor, found.failed) == (amount, failed)


@pytest.mark.parametrize(
    ("granted", "overruled", "amount"),
    [(750_000, "year-most", 30_000), (749_999, "year-most", 30_000), (730_000, "year-most", 20_000), (750_000, "sme-size", 0)],
)
def test_overruled_yearly_limit_does_not_cut(granted: int, overruled: str, amount: int) -> None:
    """Two officers let an applicant have a voucher although its year is used up: it is not one of EUR 0. Where the verdict stands as the
    rule gave it, the aid is cut as before."""
    rules, earlier = policy(FLANDERS), Earlier(year_granted_minor=granted)
    form = form_of(rules, "training", 100_000, 30_000)
    found = decided(rules, form, earlier, assess(rules, form, DAY, earlier), {overruled: True})
    assert found.amount_minor == amount


def test_nobody_is_made_eligible_for_nothing() -> None:
    """A large firm has no rate in the SME wallet: who overrules its size alone would grant EUR 0."""
    rules = policy(FLANDERS)
    form = form_of(rules, "training", 100_000, 30_000, staff=300)
    judged = assess(rules, form, DAY)
    with pytest.raises(Refused, match="no aid can be granted"):
        check_gives_something(decided(rules, form, NOTHING_EARLIER, judged, dict.fromkeys(judged.failed, True)))
    check_gives_something(judged)


def test_yearly_limit_that_refuses_does_not_cut() -> None:
    rules = policy(FLANDERS)
    limits = rules.limits
    assert limits is not None
    refusing = rules.model_copy(update={"limits": limits.model_copy(update={"yearly_excess": "refused"})})
    assert assessed(refusing, "training", 100_000, 30_000, Earlier(year_granted_minor=730_000)).amount_minor == 30_000


@pytest.mark.parametrize(
    ("kind", "cost", "asked", "live", "staff", "answers", "failed"),
    [
        ("grant-25", 5_000_000, 2_500_000, 0, 2, {}, []),
        ("grant-25", 5_000_000, 2_500_000, 0, 21, {}, ["staff-most"]),
        ("grant-25", 5_000_000, 2_500_000, 0, 1, {}, ["voucher-type"]),
        ("grant-100", 20_000_000, 10_000_000, 0, 3, {}, []),
        ("grant-100", 20_000_000, 10_000_000, 0, 3, {"firm__turnover_minor": 199_999_999}, ["turnover-least"]),
        ("grant-250", 50_000_000, 25_000_000, 1, 3, {}, ["one-project"]),
        ("grant-100", 20_000_000, 9_999_999, 0, 3, {"project__starts_on": "2027-01-04", "project__ends_on": "2028-01-04"}, []),
        (
            "grant-100",
            20_000_000,
            9_999_999,
            0,
            3,
            {"project__starts_on": "2027-01-04", "project__ends_on": "2028-01-05"},
            ["within-a-year"],
        ),
    ],
)
def test_denmark_one_project_at_a_time_within_a_year(
    kind: str, cost: int, asked: int, live: int, staff: int, answers: dict[str, Any], failed: list[str]
) -> None:
    assert assessed(policy(DENMARK), kind, cost, asked, Earlier(live_projects=live), staff, **answers).failed == failed


def test_what_keeps_its_place() -> None:
    """A lapsed or declined voucher frees it; one that was used, expired or revoked does not. A year is that of the submission."""
    outcomes = [None, "settled", "expired", "revoked", "declined", "lapsed"]
    held = [Held("training", 100, date(2026, 1, 1), outcome) for outcome in outcomes]
    held.append(Held("cybersecurity", 7, date(2025, 12, 31)))
    found = earlier_of(policy(FLANDERS), held, 2026)
    assert found == Earlier(types=("training",) * 4 + ("cybersecurity",), year_granted_minor=400, live_projects=2)
    assert found.vouchers_held == 5


def test_sums_of_the_form_are_those_of_the_case() -> None:
    rules = policy(MALOPOLSKA)
    form = read_form(form_with(costs__currency="PLN", costs__total_cost_minor=6_000_000, costs__requested_minor=4_600_000))
    sums = cost_sums(rules, form, BOOK.form_in_force(*MALOPOLSKA, DAY), case_terms(rules, "small", "micro", 1))
    assert (sums.most_minor, sums.excesses[Excess.ABOVE_INTENSITY]) == (4_500_000, 100_000)


def test_case_keeps_the_version_that_it_is_pinned_to() -> None:
    """The rates of the types change on 1 March 2027; a call that opened before keeps 60 % for all."""
    old, new = policy(CROATIA, date(2027, 2, 28)), policy(CROATIA, date(2027, 3, 1))
    rates = [case_terms(BOOK.get(rules.id), "digital-marketing", "micro").intensity_bp for rules in (old, new)]
    assert (rates, old.id == new.id) == ([6_000, 5_000], False)


@pytest.mark.parametrize(
    ("kind", "rate", "most", "allowed"),
    [
        ("digital-skills", 9_000, 999_000, True), ("digital-skills", 7_000, 999_000, False), ("digital-skills", 9_000, 1_990_000, False),
        ("complex-solutions", 6_000, 1_990_000, True), (None, 9_000, 999_000, False), ("no-such-type", 9_000, 999_000, False),
        ("digital-skills", 9_000, 0, False), ("digital-skills", 0, 999_000, False),
    ],
)  # fmt: skip
def test_terms_that_no_case_can_have_are_not_believed(kind: str | None, rate: int, most: int, allowed: bool) -> None:
    assert allows(policy(CROATIA, date(2027, 3, 1)), kind, rate, most) is allowed


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("largest_minor = 1_990_000\nintensity_bp", "largest_minor = 2_000_000\nintensity_bp", "that of the largest voucher type"),
        ('voucher_type = "digital-skills"', 'voucher_type = "digital-skill"', "there is no voucher type digital-skill"),
        ('id = "digital-marketing"', 'id = "digital-skills"', "digital-skills stands twice"),
        ("vouchers_held < policy.vouchers_max", "vouchers_held < 2", "limits.vouchers_max: no eligibility rule names"),
        ("same_type_held == 0", "vouchers_held < 9", "limits.one_of_a_type: no eligibility rule names"),
        ("policy.intensity_bp > 0 && ", "", "no eligibility rule asks that policy.intensity_bp > 0"),
        ("one_of_a_type = true", "yearly_minor = 1", "yearly_minor and yearly_excess are given together"),
        ("intensity_bp = 5_000", "intensity_bp = 5_001", "more than the whole"),
        ("recoverable_vat_eligible = false", "recoverable_vat_eligible = true", "says that all VAT is eligible"),
        ('hr = "Vaučer za digitalni marketing", ', "", "its title is given in exactly the languages"),
    ],
)
def test_file_that_contradicts_itself_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    folder = tmp_path / "/".join(CROATIA)
    shutil.copytree(REGIONS / "/".join(CROATIA), folder)
    path = folder / "2027-03-01.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(LoadError, match=fault):
        load_policy(path)


def test_types_that_one_can_choose_are_those_of_the_policy() -> None:
    form, rules = BOOK.form_in_force(*CROATIA, DAY), policy(CROATIA)
    assert core_faults(form, [rules]) == []
    fewer = rules.model_copy(update={"voucher_types": (rules.voucher_types or ())[:-1]})
    assert any("its options are not the voucher types" in fault for fault in core_faults(form, [fewer]))
