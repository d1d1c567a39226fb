"""The rules' verdict on a form, the size of a firm with its related firms, de minimis aid, the amount granted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.eligibility import CASE_FACTS, FORM_FACTS, Assessment, assess, declared_aid_minor
from services.applications.domain.firm_size import Figures, Size, figures_of, size_of
from services.applications.domain.form import Firm, RelatedFirm, paths, read_form
from services.applications.domain.overrules import with_overrules
from shared.kernel.errors import Conflict
from shared.policy.rules import FACTS
from tests.support.applications import BOOK, form_with, policy

TODAY = date(2026, 1, 10)


def failed(**answers: Any) -> list[str]:
    return assess(policy(), read_form(form_with(**answers)), TODAY).failed


def test_fitting_application_passes_every_rule() -> None:
    verdict = assess(policy(), read_form(form_with()), TODAY)
    assert verdict.eligible
    assert (verdict.size, verdict.amount_minor, len(verdict.rules)) == (Size.MICRO, 800_000, len(policy().eligibility.rules))


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("sme-size", {"firm__staff": 250}),
        ("sme-size", {"firm__related": [{"share_bp": 5001, "staff": 246, "turnover_minor": 0, "balance_minor": 0}]}),
        ("sme-independent", {"firm__public_control_bp": 2_500}),
        ("place", {"applicant__nuts": "HR064"}),
        ("activity", {"applicant__activity_code": "47.11"}),
        ("amount-least", {"costs__requested_minor": 199_999}),
        (
            "amount-most",
            {"costs__requested_minor": 999_001, "costs__total_cost_minor": 2_000_000, "costs__own_contribution_minor": 1_000_999},
        ),
        ("intensity", {"costs__requested_minor": 800_001}),
        ("own-contribution", {"costs__own_contribution_minor": 199_999}),
        ("de-minimis-declared", {"de_minimis__declared": False}),
        ("de-minimis-ceiling", {"de_minimis__aid": [{"granted_on": "2024-01-10", "amount_minor": 29_200_001}]}),
    ],
)
def test_each_rule_finds_its_fault(rule: str, answers: dict[str, Any]) -> None:
    assert failed(**answers) == [rule]


def test_rule_at_fault_decides_nothing() -> None:
    """The loader refuses such a rule; one that came all the same makes nobody ineligible, and officers may decide in its place."""
    rules = tuple(
        rule.model_copy(update={"expression": "requested_minor / staff > 1"}) if rule.id == "place" else rule
        for rule in policy().eligibility.rules
    )
    spoilt = policy().model_copy(update={"eligibility": policy().eligibility.model_copy(update={"rules": rules})})
    verdict = assess(spoilt, read_form(form_with(firm__staff=0)), TODAY)
    assert verdict.failed == ["place"]
    with pytest.raises(Conflict, match=r"rule place .* \(division-by-zero\), so nothing was decided"):
        Assessment.model_validate(verdict.model_dump(mode="json")).check_judged()
    with_overrules(verdict, {"place": True}).check_judged()
    assess(policy(), read_form(form_with(firm__staff=0)), TODAY).check_judged()


@pytest.mark.parametrize(
    "answers",
    [
        {"firm__staff": 249},
        {"firm__related": [{"share_bp": 2499, "staff": 10_000, "turnover_minor": 0, "balance_minor": 0}]},
        {"de_minimis__aid": [{"granted_on": "2024-01-10", "amount_minor": 29_200_000}]},
        {"de_minimis__aid": [{"granted_on": "2023-01-10", "amount_minor": 29_200_001}]},
    ],
)
def test_application_on_the_edge_passes(answers: dict[str, Any]) -> None:
    assert failed(**answers) == []


def test_verdict_names_the_answer_and_the_facts_used() -> None:
    verdict = assess(policy(), read_form(form_with(costs__requested_minor=800_001)), TODAY)
    (rule,) = [rule for rule in verdict.rules if not rule.passed]
    assert rule.field == "costs.requested_minor"
    assert rule.facts == {"requested_minor": 800_001, "total_cost_minor": 1_000_000}
    assert verdict.policy_id == policy().id


def test_missing_answer_fails_every_rule_that_needs_it() -> None:
    assert failed(costs__requested_minor=None) == ["amount-least", "amount-most", "intensity", "de-minimis-ceiling"]
    assert assess(policy(), read_form({}), TODAY).amount_minor is None


def test_every_fact_of_a_rule_has_a_path_in_the_form() -> None:
    assert FORM_FACTS.keys() | CASE_FACTS.keys() == FACTS.keys()
    assert {fact.path for fact in FORM_FACTS.values()} <= set(paths())
    assert {rule.field for each in BOOK.all() for rule in each.eligibility.rules} <= FACTS.keys()


def test_aid_counts_for_three_years_day_by_day() -> None:
    form = read_form(form_with(de_minimis__aid=[{"granted_on": "2023-02-28", "amount_minor": 5}]))
    assert declared_aid_minor(form, date(2026, 2, 27), 3) == 5
    assert declared_aid_minor(form, date(2026, 2, 28), 3) == 0
    assert declared_aid_minor(form, date(2023, 2, 27), 3) == 0  # not granted yet on that day
    leap = read_form(form_with(de_minimis__aid=[{"granted_on": "2025-03-01", "amount_minor": 7}]))
    assert declared_aid_minor(leap, date(2028, 2, 29), 3) == 7


def firm(*related: tuple[int, int]) -> Firm:
    others = [RelatedFirm(share_bp=share, staff=staff, turnover_minor=0, balance_minor=0) for share, staff in related]
    return Firm(staff=5, turnover_minor=0, balance_minor=0, related=others)


@pytest.mark.parametrize(
    ("related", "staff"),
    [((), 5), (((2_499, 100),), 5), (((2_500, 100),), 30), (((5_000, 101),), 56), (((5_001, 100),), 105), (((3_000, 10), (9_000, 20)), 28)],
)
def test_partner_firm_counts_by_share_linked_firm_in_full(related: tuple[tuple[int, int], ...], staff: int) -> None:
    assert figures_of(firm(*related)).staff == staff


MILLION = 100_000_000


@pytest.mark.parametrize(
    ("staff", "turnover", "balance", "size"),
    [
        (9, 2 * MILLION, 9 * MILLION, Size.MICRO),
        (9, 2 * MILLION + 1, 2 * MILLION + 1, Size.SMALL),
        (10, 0, 0, Size.SMALL),
        (49, 11 * MILLION, 10 * MILLION, Size.SMALL),
        (50, 0, 0, Size.MEDIUM),
        (249, 50 * MILLION, 90 * MILLION, Size.MEDIUM),
        (249, 50 * MILLION + 1, 43 * MILLION + 1, Size.LARGE),
        (250, 0, 0, Size.LARGE),
    ],
)
def test_size_classes(staff: int, turnover: int, balance: int, size: Size) -> None:
    assert size_of(Figures(staff, turnover, balance), Decimal(1)) is size
    assert size_of(Figures(staff, 4 * turnover, 4 * balance), Decimal(4)) is size


def test_size_of_firm_without_figures_is_none() -> None:
    assert size_of(figures_of(Firm(staff=3)), Decimal(1)) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_amount_is_within_request_cost_and_policy(asked: int, cost: int) -> None:
    amount = assess(policy(), read_form(form_with(costs__requested_minor=asked, costs__total_cost_minor=cost)), TODAY).amount_minor
    assert amount is not None
    assert amount <= min(asked, policy().value.largest_minor)
    assert amount * 10_000 <= cost * policy().value.intensity_bp
