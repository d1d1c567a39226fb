"""What the costs come to against the limits of a call, and what the ceiling of de minimis aid leaves."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.costs import Excess, cost_sums
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from services.applications.domain.headroom import Award, headroom
from shared.policy.form import FormDefinition
from tests.support.applications import BOOK, form_with, policy

CORE, POLICY, TODAY = BOOK.form(None), policy(), date(2026, 1, 10)
CEILING = 30_000_000
WITH_BUDGET = next(form for form in BOOK.forms if "extra.budget" in form.by_id)
amounts = st.none() | st.integers(0, 10**9)


def excesses(definition: FormDefinition = CORE, **answers: Any) -> dict[Excess, int]:
    """Koprivnica: EUR 2,000 to 9,990, at most 80 %, at least 20 % own."""
    return cost_sums(POLICY, read_form(form_with(**answers)), definition).excesses


@pytest.mark.parametrize(
    ("total", "requested", "own", "expected"),
    [
        (1_000_000, 800_000, 200_000, {}),
        (1_000_000, 800_001, 199_999, {Excess.ABOVE_INTENSITY: 1, Excess.OWN_TOO_SMALL: 1}),
        (9_000_000, 999_001, 8_000_999, {Excess.ABOVE_LARGEST: 1}),
        (1_000_000, 199_999, 800_001, {Excess.BELOW_SMALLEST: 1}),
        (1_000_000, 200_000, 200_000, {Excess.UNCOVERED: 600_000}),
        (1_000_000, 800_000, 300_000, {Excess.MORE_THAN_COST: 100_000}),
        (None, 800_000, None, {}),
        (1_000_000, None, None, {}),
    ],
)
def test_excess_says_what_is_too_much_and_by_how_much(
    total: int | None, requested: int | None, own: int | None, expected: dict[Excess, int]
) -> None:
    assert POLICY.value.own_contribution_bp == 2_000
    answers = {"costs__total_cost_minor": total, "costs__requested_minor": requested, "costs__own_contribution_minor": own}
    assert excesses(**answers) == expected


def test_sums_name_share_and_limits() -> None:
    sums = cost_sums(POLICY, read_form(form_with(costs__total_cost_minor=999_999, costs__requested_minor=333_333)), CORE)
    assert (sums.share_bp, sums.most_minor, sums.least_own_minor) == (3_334, 799_999, 200_000)


def test_budget_stands_for_a_total_that_is_missing() -> None:
    extra = {"budget": [{"cost_minor": 400_000}, {"cost_minor": 500_000}, {"what": "later"}]}
    form = form_with(extra=extra, costs__total_cost_minor=None)
    sums = cost_sums(POLICY, read_form(form), WITH_BUDGET)
    assert (sums.total_minor, sums.budget_minor) == (900_000, 900_000)
    assert excesses(WITH_BUDGET, extra=extra, costs__total_cost_minor=950_000)[Excess.BUDGET_DIFFERS] == 50_000


@given(amounts, amounts, amounts)
def test_sums_and_rules_find_the_same(total: int | None, requested: int | None, own: int | None) -> None:
    """What the page says while one types is what screening decides, once all three are answered."""
    answers = {"costs__total_cost_minor": total, "costs__requested_minor": requested, "costs__own_contribution_minor": own}
    form = read_form(form_with(**answers))
    sums = cost_sums(POLICY, form, CORE)
    assert all(by > 0 for by in sums.excesses.values())
    if total and None not in (requested, own):
        failed = set(assess(POLICY, form, TODAY).failed)
        rules = {
            "amount-least": Excess.BELOW_SMALLEST, "amount-most": Excess.ABOVE_LARGEST, "intensity": Excess.ABOVE_INTENSITY,
            "own-contribution": Excess.OWN_TOO_SMALL,
        }  # fmt: skip
        assert {rule for rule in rules if rule in failed} == {rule for rule, excess in rules.items() if excess in sums.excesses}


def aid(*rows: tuple[str, int]) -> dict[str, Any]:
    return {"declared": True, "aid": [{"granted_on": day, "amount_minor": amount} for day, amount in rows]}


def test_headroom_counts_what_is_listed_and_awarded() -> None:
    form = read_form(form_with(de_minimis=aid(("2024-05-01", 10_000_000), ("2022-01-01", 9_000_000)), costs__requested_minor=800_000))
    awards = [Award(date(2025, 3, 1), 500_000), Award(date(2023, 1, 10), 700_000), Award(date(2026, 1, 11), 900_000)]
    room = headroom(POLICY, form, awards, TODAY)
    assert (room.since, room.ceiling_minor) == (date(2023, 1, 10), CEILING)
    assert (room.declared_minor, room.awarded_minor, room.left_minor) == (10_000_000, 500_000, 19_500_000)
    assert (room.asked_minor, room.above_minor) == (800_000, 0)


def test_award_that_is_listed_counts_once() -> None:
    form = read_form(form_with(de_minimis=aid(("2025-03-01", 500_000))))
    twice = [Award(date(2025, 3, 1), 500_000)] * 2
    assert headroom(POLICY, form, twice[:1], TODAY).awarded_minor == 0
    assert headroom(POLICY, form, twice, TODAY).awarded_minor == 500_000


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
def test_headroom_is_never_below_nothing(listed: int, awarded: int, asked: int) -> None:
    form = read_form(form_with(de_minimis=aid(("2025-03-02", listed)), costs__requested_minor=asked))
    room = headroom(POLICY, form, [Award(date(2025, 3, 1), awarded)], TODAY)
    assert room.left_minor == max(0, CEILING - listed - awarded)
    assert room.above_minor == max(0, asked - room.left_minor)
