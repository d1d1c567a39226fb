"""Score sheets through the API: declared first, once, blind until the first ones are in, a third on divergence."""

import asyncio
from typing import Any

import pytest_asyncio

from shared.contracts.evaluation import EvaluationCompleted, EvaluatorAssigned
from tests.integration.evaluation.conftest import FULL, Desk, sheet
from tests.support.evaluation import EVALUATION_DUE, Scene, evaluator, officer

TEAM = ("ev-a", "ev-b", "ev-c", "ev-d")


@pytest_asyncio.fixture
async def scene(desk: Desk) -> Scene:
    """One case, two of four evaluators assigned."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.take(scene.published(), scene.eligible(1), scene.screened(1))
    return scene


async def detail(desk: Desk, assignment: dict[str, Any]) -> Any:
    return await desk.ask(evaluator(assignment["evaluator_id"]), "GET", f"/assignments/{assignment['id']}")


async def test_scoring_needs_a_declaration_and_happens_once(desk: Desk, scene: Scene) -> None:
    first = (await desk.assignments())[0]
    assert (await desk.score(first, sheet(70), 409))["code"] == "not-declared"
    await desk.declare(first)
    answer = await desk.score(first, sheet(70), comment="clear")
    assert (answer["state"], answer["own_sheet"]["total_points"]) == ("scored", 70)
    assert (await desk.score(first, sheet(70), comment="clear"))["own_sheet"] == answer["own_sheet"]  # sent twice: harmless
    assert (await desk.score(first, sheet(80), 409))["code"] == "already-scored"
    assert (await desk.declare(first, 409, conflict=True))["code"] == "already-scored"


async def test_a_sheet_that_is_not_whole_names_the_criterion(desk: Desk, scene: Scene) -> None:
    first = (await desk.assignments())[0]
    await desk.declare(first)
    answer = await desk.score(first, sheet(70) | {"quality": 21}, 422)
    assert (answer["code"], answer["errors"][0]["field"]) == ("score-out-of-range", "scores.quality")
    missing = {name: 5 for name in FULL if name != "capacity"}
    assert (await desk.score(first, missing, 422))["errors"][0]["field"] == "scores.capacity"
    assert (await desk.ask(evaluator(first["evaluator_id"]), "POST", f"/assignments/{first['id']}/scores", 422,
                           json={"scores": sheet(70) | {"quality": 1.5}}))["code"] == "invalid-input"  # fmt: skip


async def test_colleagues_see_each_other_only_when_both_are_done(desk: Desk, scene: Scene) -> None:
    first, second = await desk.assignments()
    await desk.declare(first)
    assert (await desk.score(first, sheet(70)))["colleagues"] == []
    assert (await detail(desk, second))["colleagues"] == []
    await desk.declare(second)
    assert [each["total_points"] for each in (await desk.score(second, sheet(80)))["colleagues"]] == [70]
    assert [each["total_points"] for each in (await detail(desk, first))["colleagues"]] == [80]


async def test_two_sheets_that_agree_complete_the_case(desk: Desk, scene: Scene) -> None:
    await desk.evaluate(scene.application(1), 70, 80)
    case = await desk.case(scene, 1)
    assert (case["state"], case["total_hundredths"], case["failed_rules"], case["divergent"]) == ("evaluated", 7500, [], False)
    [event] = await desk.events(EvaluationCompleted)
    assert event.body["total_hundredths"] == 7500
    assert (event.body["score_sheets"], event.body["divergent"], event.body["passed"]) == (2, False, True)


async def test_divergence_calls_a_third_who_judges_blind_and_the_two_nearest_count(desk: Desk, scene: Scene) -> None:
    await desk.evaluate(scene.application(1), 90, 60)
    assert await desk.events(EvaluationCompleted) == []
    [third] = await desk.assignments(state="assigned")
    assert third["seat"] == 3
    assert (await desk.events(EvaluatorAssigned))[-1].reason == "divergence"
    assert (await detail(desk, third))["colleagues"] == []
    await desk.evaluate(scene.application(1), 80)
    case = await desk.case(scene, 1)
    assert (case["total_hundredths"], case["score_sheets"], case["divergent"]) == (8500, 3, True)
    assert sorted(each["total_points"] for each in case["sheets"]) == [60, 80, 90]
    assert len((await detail(desk, third))["colleagues"]) == 2


async def test_two_below_the_threshold_need_no_third(desk: Desk, scene: Scene) -> None:
    await desk.evaluate(scene.application(1), 50, 10)
    assert (await desk.case(scene, 1))["failed_rules"] == ["below-threshold", "below-criterion-threshold"]


async def test_both_sheets_at_the_same_moment_complete_the_case_once(desk: Desk, scene: Scene) -> None:
    first, second = await desk.assignments()
    await desk.declare(first)
    await desk.declare(second)
    await asyncio.gather(desk.score(first, sheet(70)), desk.score(second, sheet(80)), desk.score(first, sheet(70)))
    assert len(await desk.events(EvaluationCompleted)) == 1


async def test_an_officer_who_evaluates_the_case_does_not_peek(desk: Desk, scene: Scene) -> None:
    first, second = await desk.assignments()
    await desk.declare(first)
    await desk.score(first, sheet(70))
    assert len((await desk.case(scene, 1))["sheets"]) == 1
    peeking = officer(name=second["evaluator_id"])
    assert (await desk.ask(peeking, "GET", f"/cases/{scene.application(1)}"))["sheets"] == []


async def test_what_is_late_is_marked_when_the_evaluation_is_due(desk: Desk, scene: Scene) -> None:
    await desk.take(scene.milestone("evaluation-due", CLOSES_EARLIER))
    assert not (await desk.case(scene, 1))["overdue"]  # the timer of a date that was moved
    await desk.take(scene.milestone("evaluation-due", EVALUATION_DUE))
    assert (await desk.case(scene, 1))["overdue"]
    assert (await desk.ranking(scene))["overdue"]


CLOSES_EARLIER = EVALUATION_DUE.replace(year=EVALUATION_DUE.year - 1)
