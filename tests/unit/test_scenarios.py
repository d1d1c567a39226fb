"""A past call under other rules: what a scenario changes, applications judged again, lists ranked again, and their spread."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.what_if import check_scenarios, read_scenarios
from services.applications.domain.eligibility import Assessment, assess
from services.applications.domain.form import read_form
from services.applications.domain.overrules import with_overrules
from services.applications.domain.replay import Judged, changes_between, judge_again, recorded_verdict
from services.evaluation.domain.allotment import Shortage
from services.evaluation.domain.replay import Applicant, Outcome, PastCall, Replayed, Terms, replay, score_again, sums_of
from services.evaluation.domain.scoring import evaluate
from services.evaluation.domain.spread import Spread, range_of, rounds_for, spread_of, ways_of
from shared.kernel.errors import Malformed, Refused
from shared.policy.loader import LoadError
from shared.policy.scenario import RECORD, Scenario, changed_policies, changed_policy, values_of
from shared.policy.schema import Policy
from shared.policy.sections import Evaluation
from tests.support.applications import BOOK, form_with
from tests.support.applications import policy as first_come

RANKING = next(policy for policy in BOOK.all() if policy.evaluation)
RULES = RANKING.evaluation or pytest.fail("it scores")
ORDER = [criterion.id for criterion in RULES.criteria]
TODAY = date(2026, 1, 10)
AWARD = 500_000


def changing(**changes: Any) -> Scenario:
    """`value__intensity_bp=8_000`"""
    return Scenario(name="other", changes={name.replace("__", "."): value for name, value in changes.items()})


def points(**most: int) -> dict[str, int]:
    return {f"evaluation__criteria__{name.replace('_', '-')}__points_max": value for name, value in most.items()}


@pytest.mark.parametrize("policy", BOOK.all(), ids=lambda policy: policy.id)
def test_nothing_changed_is_the_same_policy(policy: Policy) -> None:
    """Every value that can be changed can be set to what it is, in every policy of every region."""
    assert changed_policy(policy, RECORD) == policy
    assert changed_policy(policy, Scenario(name="same", changes=values_of(policy))).id == policy.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value__intensity_bp": 10_001}, "changes.value.intensity_bp"),
        ({"value__intensity_bp": "80"}, "changes.value.intensity_bp"),
        ({"value__largest_minor": 0}, "changes.value.largest_minor"),
        ({"evaluation__total_threshold": 101}, "changes.evaluation.total_threshold"),
        ({"de_minimis__window_years": 2026}, "changes.de_minimis.window_years"),
        ({"value__largest_minor": 10**14}, "changes.value.largest_minor"),
        ({"evaluation__third_score": "mean"}, "changes.evaluation.third_score"),
        ({"evaluation__criteria__charm__points_max": 5}, "changes.evaluation.criteria.charm.points_max"),
        ({"eligibility__places": ["EL52", ""]}, "changes.eligibility.places"),
        ({"eligibility__rules__place__expression": "true"}, "changes.eligibility.rules.place.expression"),
        ({"bank__debtor_iban": "GR00"}, "changes.bank.debtor_iban"),
    ],
)
def test_impossible_value_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        changed_policies(RANKING, [RECORD, changing(**changes)])
    assert [".".join(map(str, place)) for place, _, _ in malformed.value.faults] == [f"scenarios.1.{field}"]


@pytest.mark.parametrize(
    ("scenario", "code", "field"),
    [
        (changing(**points(relevance=40)), "points-differ", "changes.evaluation.criteria.relevance.points_max"),
        (changing(value__smallest_minor=10**13), "scenario-contradicts", "changes.value.smallest_minor"),
        (Scenario(name="x", without_rules=["charm"]), "unknown-rule", "without_rules"),
    ],
)
def test_values_that_contradict_are_refused(scenario: Scenario, code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        changed_policies(RANKING, [scenario])
    assert (refused.value.code, refused.value.field) == (code, f"scenarios.0.{field}")


def test_scores_of_a_call_that_has_none_are_left_alone() -> None:
    """One scenario for several calls: a threshold says nothing to a first-come call."""
    assert changed_policy(first_come(), changing(evaluation__total_threshold=70)).id == first_come().id


def test_file_with_scenarios_names_field_and_reason(tmp_path: Any) -> None:
    path = tmp_path / "scenarios.toml"
    path.write_text('[[scenarios]]\nname = "a"\n[scenarios.changes]\n"value.intensity_bp" = 20_000\n')
    [scenario] = read_scenarios(path)
    with pytest.raises(LoadError, match=r"scenarios.toml: scenarios.0.changes.value.intensity_bp: The number has to be at most 10000"):
        check_scenarios(path, RANKING, [scenario])
    path.write_text("[[scenarios]]\nenvelope_bp = -1\n")
    with pytest.raises(LoadError, match=r"scenarios.0.name: Field required\n.*scenarios.0.envelope_bp: "):
        read_scenarios(path)


def judged(scenario: Scenario, *, record: Assessment | None = None, **answers: Any) -> Judged:
    """The application under the scenario; its record is what the rules of the call say, or `record`."""
    recorded, form = first_come(), read_form(form_with(**answers))
    found = record or assess(recorded, form, TODAY)
    verdict = recorded_verdict(eligible=found.eligible, amount_minor=found.amount_minor, failed=found.failed)
    return judge_again(verdict, found, form, changes_between(recorded, changed_policy(recorded, scenario)), TODAY)


@pytest.mark.parametrize(
    ("scenario", "answers", "expected"),
    [
        (RECORD, {}, Judged(800_000)),
        (RECORD, {"firm__staff": 300}, Judged(None, ("sme-size",))),
        (changing(small_firm__staff_below=4), {}, Judged(None, ("sme-size",))),  # four work
        (changing(small_firm__staff_below=400), {"firm__staff": 300}, Judged(800_000)),
        (changing(eligibility__activity_codes=["18"]), {}, Judged(None, ("activity",))),
        (Scenario(name="x", without_rules=["place"]), {"applicant__nuts": "HR064"}, Judged(800_000)),
        (changing(value__intensity_bp=7_000), {}, Judged(None, ("intensity",))),  # asked for 80 %
        (Scenario(name="x", without_rules=["intensity"], changes={"value.intensity_bp": 7_000}), {}, Judged(700_000)),
        (
            changing(de_minimis__window_years=1),
            {"de_minimis__aid": [{"granted_on": "2024-01-10", "amount_minor": 29_999_999}]},
            Judged(800_000),
        ),
    ],
)
def test_application_is_judged_again(scenario: Scenario, answers: dict[str, Any], expected: Judged) -> None:
    assert judged(scenario, **answers) == expected


def test_verdicts_of_the_record_stand_where_nothing_changes_them() -> None:
    """A rule that is not changed keeps what screening said, and what two officers decided stands under every scenario."""
    form = read_form(form_with(firm__staff=300))
    overruled = with_overrules(assess(first_come(), form, TODAY), {"sme-size": True})
    assert judged(changing(small_firm__staff_below=10), record=overruled, firm__staff=300) == Judged(800_000)
    said = [verdict.model_copy(update={"passed": verdict.rule != "place"}) for verdict in overruled.rules]
    strict = overruled.model_copy(update={"rules": said, "eligible": False})
    assert judged(changing(small_firm__staff_below=10), record=strict).failed == ("place",)
    never = Judged(None, ("not-repaired",))
    assert judge_again(never, None, form, changes_between(first_come(), first_come()), TODAY) == never


def rules_of(scenario: Scenario) -> Evaluation:
    rules = changed_policy(RANKING, scenario).evaluation
    assert rules is not None
    return rules


def sheet(*marks: int) -> dict[str, int]:
    return dict(zip(ORDER, marks, strict=True))


def past(*cases: tuple[dict[str, int], ...], method: str = "ranking", envelope: int = 2 * AWARD) -> PastCall:
    applicants = tuple(Applicant(UUID(int=n), n, AWARD, ("green",) if n % 2 else ()) for n in range(1, len(cases) + 1))
    sheets = {UUID(int=n): {f"ev-{(n + seat) % 3}": one for seat, one in enumerate(case)} for n, case in enumerate(cases, start=1) if case}
    return PastCall(UUID(int=99), method, "EUR", envelope, "ab" * 32, applicants, sheets)


FOUR = past(
    (sheet(30, 20, 10, 10, 10), sheet(30, 20, 10, 10, 10)),  # 80
    (sheet(20, 30, 14, 6, 5), sheet(20, 30, 14, 6, 5)),  # 75
    (sheet(20, 20, 10, 10, 9), sheet(20, 20, 11, 10, 10)),  # 69, 71
    (sheet(16, 15, 10, 5, 5), sheet(20, 20, 5, 5, 5)),  # 51, 55
)


def replayed(call: PastCall, scenario: Scenario = RECORD, amounts: tuple[int | None, ...] | None = None) -> Replayed:
    changed = changed_policy(RANKING, scenario)
    scored = score_again(call, RULES, changed.evaluation) if call.selection_method == "ranking" and changed.evaluation else None
    rules = changed.evaluation if scored else None
    given = tuple(AWARD for _ in call.applicants) if amounts is None else amounts
    return replay(call, Terms(scenario.envelope_of(call.envelope_minor), changed.selection.ties, rules, given), scored)


def test_nothing_changed_is_the_list_of_the_record() -> None:
    found = replayed(FOUR)
    results = {key: evaluate(list(sheets.values()), RULES) for key, sheets in FOUR.sheets.items()}
    assert {each.entry.application_id: each.entry.score for each in found.ranked} == {key: one.total for key, one in results.items()}
    assert found.outcomes == (Outcome.GRANTED, Outcome.GRANTED, Outcome.RESERVE, Outcome.REFUSED)


@pytest.mark.parametrize(
    ("scenario", "amounts", "expected"),
    [
        (Scenario(name="x", envelope_bp=5_000), None, "granted reserve reserve refused"),
        (changing(evaluation__total_threshold=76), None, "granted refused refused refused"),
        (changing(evaluation__total_threshold=70), None, "granted granted reserve refused"),  # who has just enough passes
        (  # the threshold is in points, whatever they are scaled to
            changing(evaluation__total_threshold=76, **points(relevance=29, transition=31)), None, "granted refused refused refused",
        ),
        (  # transition alone: the second before the first
            Scenario(name="x", envelope_bp=5_000, changes=changing(**points(relevance=5, transition=80, quality=5, capacity=5,
                value_for_money=5)).changes), None, "reserve granted reserve refused",
        ),
        (RECORD, (None, AWARD, AWARD, AWARD), "ineligible granted granted refused"),
        (RECORD, (600_000, 300_000, 200_000, 1), "granted granted reserve refused"),
        (RECORD, (600_000, 500_000, 100_000, 1), "granted reserve reserve refused"),  # nobody below overtakes
    ],
)  # fmt: skip
def test_list_is_ranked_again(scenario: Scenario, amounts: tuple[int | None, ...] | None, expected: str) -> None:
    assert " ".join(replayed(FOUR, scenario, amounts).outcomes) == expected


def test_marks_are_scaled_without_rounding_between() -> None:
    """16 of 30 points become 16 of 30 parts of 25: 13.333…, with 20 of 25 the mean is 50/3 = 16.67."""
    weights = points(relevance=25, transition=35, quality=20, capacity=10, value_for_money=10)
    scored = score_again(past((sheet(16, 0, 0, 0, 0), sheet(24, 0, 0, 0, 0))), RULES, rules_of(changing(**weights)))
    assert scored.results[UUID(int=1)].criteria["relevance"] == 1_667


def test_who_was_never_scored_is_in_no_list() -> None:
    """Eligible under the changed rules only: a ranking call cannot place it, a first-come call and a draw can."""
    call = past((sheet(30, 30, 20, 10, 10),) * 2, ())
    assert " ".join(replayed(call).outcomes) == "granted not-scored"
    for method in ("first-come", "draw"):
        other = replace(call, selection_method=method, sheets={}, envelope_minor=AWARD)
        assert sorted(replayed(other).outcomes) == ["granted", "reserve"]
    assert " ".join(replayed(replace(call, selection_method="first-come", envelope_minor=AWARD)).outcomes) == "granted reserve"


def test_further_score_sheets_that_do_not_exist_are_counted() -> None:
    scored = score_again(FOUR, RULES, rules_of(changing(evaluation__total_threshold=70)))
    assert scored.further == 1, "69 and 71 lie on both sides of 70"
    assert score_again(FOUR, RULES, RULES).further == 0


def test_adjustment_is_in_the_points_of_the_scenario() -> None:
    """In the common unit points are 60 times as many; the adjustment is not."""
    call = past(*[(sheet(20 + n % 3, 20, 10, 10, 10), sheet(10 + n, 20, 10, 10, 10)) for n in range(4)])
    plain = score_again(call, RULES, rules_of(changing(evaluation__adjustment="shrunk-additive")))
    other = points(relevance=29, transition=31)
    scaled = score_again(call, RULES, rules_of(changing(evaluation__adjustment="shrunk-additive", **other)))
    raw = score_again(call, RULES, RULES)
    assert any(abs(score - raw.scores[key]) > 20 for key, score in plain.scores.items())
    for key, score in plain.scores.items():
        assert abs(score - scaled.scores[key]) < 120, "one criterion has a point less, another one more"


def test_sums_count_a_group() -> None:
    rows = list(zip(FOUR.applicants, (AWARD, AWARD, None, AWARD), replayed(FOUR).outcomes, strict=True))
    assert sums_of(row for row in rows if row[0].transitions).granted_minor == AWARD
    assert (sums_of(rows).applications, sums_of(rows).eligible, sums_of(rows).granted) == (4, 3, 2)


def spread(call: PastCall, rounds: int = 200) -> Spread | None:
    scored = score_again(call, RULES, RULES) if call.selection_method == "ranking" else None
    return spread_of(call, replayed(call), scored, ways_of(scored) if scored else {}, call.envelope_minor, rounds)


def test_evaluators_who_agree_leave_nothing_to_chance() -> None:
    agreed = past(*[(sheet(n, 30, 20, 10, 10),) * 2 for n in (30, 25, 20)])
    found = spread(agreed)
    assert found is not None
    assert (found.granted.low, found.granted.high, list(found.chances_bp.values())) == (2, 2, [10_000, 10_000, 0])


def test_spread_is_that_of_the_ways_to_draw_the_sheets() -> None:
    """The second is drawn as 70, 80 (twice) or 90 of 100; the third always has 79, and the envelope holds two: it gets in when 70 is
    drawn, in a quarter of the rounds."""
    call = past(
        (sheet(30, 30, 20, 10, 10),) * 2, (sheet(25, 25, 10, 5, 5), sheet(30, 30, 15, 5, 10)), (sheet(25, 24, 15, 7, 8),) * 2
    )  # fmt: skip
    found = spread(call, rounds=500)
    assert found == spread(call, rounds=500), "the same question has the same answer"
    assert found is not None
    first, second, third = (found.chances_bp[UUID(int=n)] for n in (1, 2, 3))
    assert first == 10_000
    assert second + third == 10_000
    assert 2_000 < third < 3_000


def test_spread_of_a_draw_and_of_a_queue() -> None:
    """A draw of ten with money for two grants each in a fifth of the rounds, a queue leaves nothing to chance."""
    call = replace(past(*[()] * 10), selection_method="draw")
    found = spread(call, rounds=500)
    assert found is not None
    assert all(1_300 < chance < 2_700 for chance in found.chances_bp.values())
    assert spread(replace(call, selection_method="first-come")) is None
    assert spread(call, rounds=0) is None


@given(
    st.lists(st.tuples(st.integers(0, 9_000), st.booleans()), min_size=1, max_size=12), st.integers(0, 30_000),
    st.sampled_from(["wait", "skip", "partial"]), st.integers(0, 3_000),
)  # fmt: skip
def test_spread_without_chance_is_the_list(asked: list[tuple[int, bool]], money: int, rule: str, least: int) -> None:
    """Where all evaluators agree, each round grants what the list grants, by whatever rule the money ends."""
    high, low = (sheet(30, 30, 20, 10, 10),) * 2, (sheet(1, 1, 1, 1, 1),) * 2
    call = past(*[low if failed else high for _, failed in asked], envelope=money)
    scored, terms = score_again(call, RULES, RULES), Terms(money, (), RULES, tuple(amount for amount, _ in asked), Shortage(rule, least))  # type: ignore[arg-type]
    listed = replay(call, terms, scored)
    found = spread_of(call, listed, scored, ways_of(scored), money, 3, terms.shortage)
    assert found is not None
    assert found.granted_minor.low == found.granted_minor.high == sum(one.awarded_minor for one in listed.ranked)
    granted = {one.entry.application_id for one in listed.ranked if one.outcome == "granted"}
    assert {key for key, chance in found.chances_bp.items() if chance} == granted


@pytest.mark.parametrize(("rule", "expected"), [("wait", "granted reserve reserve"), ("skip", "granted reserve granted")])
def test_queue_is_replayed_by_the_rule_of_its_policy(rule: str, expected: str) -> None:
    call = past((), (), (), method="first-come", envelope=10_000)
    found = replay(call, Terms(10_000, (), None, (6_000, 9_000, 3_000), Shortage(rule)), None)  # type: ignore[arg-type]
    assert " ".join(found.outcomes) == expected


def test_rounds_are_fewer_where_there_is_much_to_do() -> None:
    assert [rounds_for(100, cases, 5) for cases in (10, 4_000, 10_000, 100_000)] == [100, 100, 40, 20]
    assert rounds_for(0, 10, 1) == 0


SHEETS = st.tuples(*[st.integers(0, most) for most in (30, 30, 20, 10, 10)])


@given(st.lists(st.lists(SHEETS, min_size=2, max_size=3), min_size=1, max_size=4), st.sampled_from(["nearest-two", "all"]), st.booleans())
def test_way_is_the_result_of_the_sheets_that_are_drawn(cases: list[list[tuple[int, ...]]], third: str, other_points: bool) -> None:
    call = past(*[tuple(sheet(*marks) for marks in case) for case in cases])
    rules = rules_of(changing(evaluation__third_score=third, **(points(relevance=29, transition=31) if other_points else {})))
    scored = score_again(call, RULES, rules)
    for key, ways in ways_of(scored).items():
        sheets = scored.sheets[key]
        drawn = (
            [tuple(sorted(way)) for way in product(range(len(sheets)), repeat=len(sheets))]
            if len(ways) > 1
            else [tuple(range(len(sheets)))]
        )
        results = [scored.scale.result([sheets[number] for number in way]) for way in drawn]
        assert [(way.total, way.failed) for way in ways] == [(one.total, bool(one.failed)) for one in results]


def test_range_holds_nine_of_ten() -> None:
    assert range_of(list(range(100))) == range_of(list(reversed(range(100))))
    assert (range_of(range(100)).low, range_of(range(100)).middle, range_of(range(100)).high) == (5, 50, 95)


def test_envelope_of_a_scenario_is_a_share() -> None:
    assert [Scenario(name="x", envelope_bp=share).envelope_of(999) for share in (0, 5_000, 10_000, 12_345)] == [0, 499, 999, 1_233]
