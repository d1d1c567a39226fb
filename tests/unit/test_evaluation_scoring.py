"""Score sheets: which are valid, when a third evaluator is needed, which sheets count and their result."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.adjustment import adjusted, severities
from services.evaluation.domain.scoring import (
    BELOW_CRITERION,
    BELOW_THRESHOLD,
    check_sheet,
    evaluate,
    hundredths,
    needs_another,
    sheets_that_count,
    total_of,
)
from services.evaluation.domain.statistics import alpha, icc
from services.evaluation.queries.assignments import may_see_sheets
from services.evaluation.tables import AssignmentRow
from shared.identity.actor import Actor, Role, grants
from shared.kernel.errors import Refused
from shared.policy.sections import Evaluation
from tests.support.policies import BOOK

RULES = next(policy.evaluation for policy in BOOK.all() if policy.evaluation)
IDS = [criterion.id for criterion in RULES.criteria]
FULL = [criterion.points_max for criterion in RULES.criteria]


def sheet(*points: int) -> dict[str, int]:
    return dict(zip(IDS, points, strict=True))


def worth(total: int) -> dict[str, int]:
    """A sheet of this total, spread evenly over the criteria."""
    points = [total * most // 100 for most in FULL]
    return sheet(*(p + (i < total - sum(points)) for i, p in enumerate(points)))


def rules(**changed: object) -> Evaluation:
    return RULES.model_copy(update=changed)


sheets = st.tuples(*(st.integers(0, most) for most in FULL)).map(lambda points: sheet(*points))


def refusal(scores: dict[str, int]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        check_sheet(scores, RULES)
    return caught.value.code, caught.value.field


def test_sheet_needs_points_in_range_for_every_criterion() -> None:
    check_sheet(sheet(*FULL), RULES)
    check_sheet(sheet(0, 0, 0, 0, 0), RULES)
    assert refusal(sheet(31, 0, 0, 0, 0)) == ("score-out-of-range", f"scores.{IDS[0]}")
    assert refusal(sheet(0, 0, 0, 0, -1)) == ("score-out-of-range", f"scores.{IDS[4]}")
    assert refusal(dict.fromkeys(IDS[1:], 1)) == ("score-missing", f"scores.{IDS[0]}")
    assert refusal(sheet(*FULL) | {"charm": 1}) == ("unknown-criterion", "scores.charm")


@pytest.mark.parametrize(
    ("totals", "needed"),
    [
        ([70, 72], False),
        ([90, 60], True),  # 30 apart
        ([90, 61], False),
        ([60, 59], True),  # opposite sides of the threshold
        ([59, 20], False),  # both below: far apart, and yet nothing would change
        ([60, 60], False),
    ],
)
def test_third_evaluator_is_needed_when_two_sheets_diverge(totals: list[int], needed: bool) -> None:
    assert needs_another(totals, RULES) is needed


def test_policy_may_ignore_a_split_at_the_threshold() -> None:
    assert not needs_another([60, 59], rules(third_when_split=False))


@pytest.mark.parametrize(("totals", "counted"), [([90, 50, 60], {50, 60}), ([90, 50, 80], {80, 90}), ([90, 60, 75], {75, 90})])
def test_nearest_two_sheets_count_and_in_doubt_the_higher(totals: list[int], counted: set[int]) -> None:
    three = [worth(total) for total in totals]
    assert {total_of(each) for each in sheets_that_count(three, rules(third_score="nearest-two"))} == counted
    assert len(sheets_that_count(three, rules(third_score="all"))) == 3


@given(st.lists(sheets, min_size=1, max_size=4), st.sampled_from(["nearest-two", "all"]), st.randoms(use_true_random=False))
def test_result_does_not_depend_on_the_order_of_sheets(given_sheets: list[dict[str, int]], rule: str, chance: object) -> None:
    shuffled = list(given_sheets)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert evaluate(shuffled, rules(third_score=rule)) == evaluate(given_sheets, rules(third_score=rule))


@given(st.integers(0, 300), st.integers(1, 5))
def test_hundredths_are_exact_to_half_a_hundredth(points: int, count: int) -> None:
    assert abs(hundredths(points, count) * count - points * 100) * 2 <= count


def test_means_are_exact_hundredths() -> None:
    result = evaluate([worth(70), worth(75)], RULES)
    assert (result.total, result.counted, result.failed) == (7250, 2, ())
    assert evaluate([worth(60), worth(61), worth(61)], rules(third_score="all")).total == 6067


def test_total_and_each_criterion_have_a_threshold() -> None:
    assert evaluate([worth(60), worth(60)], RULES).failed == ()
    assert evaluate([worth(60), worth(59)], RULES).failed[:1] == (BELOW_THRESHOLD,)
    assert evaluate([sheet(30, 30, 20, 10, 4)], RULES).failed == (BELOW_CRITERION,)
    assert evaluate([sheet(30, 30, 20, 10, 5)], RULES).failed == ()
    assert evaluate([sheet(30, 30, 20, 10, 5), sheet(30, 30, 20, 10, 4)], RULES).failed == (BELOW_CRITERION,)


@pytest.mark.parametrize(
    ("reader", "scored", "visible"),
    [
        ("a", "a", False),
        ("a", "ab", False),  # one of the first three sheets is missing
        ("a", "abc", True),
        ("d", "abc", False),  # assigned on divergence: sees no other sheet
        ("d", "abcd", True),
    ],
)
def test_sheet_is_hidden_from_evaluators_still_at_work(reader: str, scored: str, visible: bool) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    common = {"application_id": UUID(int=1), "call_id": UUID(int=2), "region": "here", "assigned_at": at, "due_at": at}
    rows = [AssignmentRow(id=UUID(int=n), evaluator_id=name, seat=n, state="scored", **common) for n, name in enumerate(scored, start=1)]
    actor = Actor(reader, grants({Role.EVALUATOR}, {"here"}))
    assert may_see_sheets(actor, "here", rows, rules(evaluators_per_case=3), set("abcd")) is visible


def test_agreement_statistics_match_published_examples() -> None:
    shrout_fleiss = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert icc(shrout_fleiss) == pytest.approx(0.166, abs=0.001)  # Shrout and Fleiss 1979, table 4: ICC(1,1) = .17
    reliability = [[1, 1, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
                   [2, 2, 2, 2], [5, 5, 5], [1, 1], [3]]  # fmt: skip
    assert alpha(reliability) == pytest.approx(0.849, abs=0.001)  # Krippendorff 2011, example C, interval


def test_agreement_without_variation_is_none() -> None:
    assert icc([]) is None
    assert icc([[5, 5]]) is None
    assert icc([[5, 5], [5, 5]]) is None
    assert alpha([[5], [7]]) is None
    assert alpha([[5, 5], [7, 7]]) == 1


def test_adjustment_shrinks_the_mean_deviation() -> None:
    totals = {UUID(int=n): {"mild": 80, "strict": 60} for n in range(5)}
    severity = severities(totals)
    assert severity == {"mild": 10, "strict": -10}
    assert adjusted(8000, {"mild": 80}, severity, {"mild": 5}) == 7500  # half of ten points at five cases
    assert adjusted(7000, totals[UUID(int=0)], severity, {"mild": 5, "strict": 5}) == 7000
    assert adjusted(9990, {"strict": 100}, severity, {"strict": 5}) == 10_000
