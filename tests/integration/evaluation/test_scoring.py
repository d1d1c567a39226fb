"""Score sheets through the API: after a declaration, once, hidden until the first ones are submitted, a third on divergence."""

import asyncio
from typing import Any

import pytest_asyncio

from shared.contracts.evaluation import EvaluationCompleted, EvaluatorAssigned
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.evaluation.conftest import FULL, Desk, sheet
from tests.support.evaluation import EVALUATION_DUE, Scene, evaluator, officer

TEAM = ("ev-a", "ev-b", "ev-c", "ev-d")


@pytest_asyncio.fixture
async def scene(desk: Desk) -> Scene:
    """One case, two of four evaluators assigned."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    return scene


async def detail(desk: Desk, assignment: dict[str, Any]) -> Any:
    return await desk.request(evaluator(assignment["evaluator_id"]), "GET", f"/assignments/{assignment['id']}")


async def test_scores_need_a_declaration_and_are_submitted_once(desk: Desk, scene: Scene) -> None:
    first = (await desk.assignments())[0]
    assert (await desk.score(first, sheet(70), 409))["code"] == "not-declared"
    await desk.declare(first)
    answer = await desk.score(first, sheet(70), comment="clear")
    assert (answer["state"], answer["own_sheet"]["total_points"]) == ("scored", 70)
    assert (await desk.score(first, sheet(70), comment="clear"))["own_sheet"] == answer["own_sheet"]  # sent twice: harmless
    assert (await desk.score(first, sheet(80), 409))["code"] == "already-scored"
    assert (await desk.declare(first, 409))["code"] == "already-scored"


async def test_what_waits_stands_before_what_is_submitted(desk: Desk, scene: Scene) -> None:
    first, second = await desk.assignments()
    await desk.declare(first)
    await desk.score(first, sheet(70))
    one = await desk.request(officer(), "GET", "/assignments", params={"sort": "waiting", "limit": 1})
    other = await desk.request(officer(), "GET", "/assignments", params={"sort": "waiting", "limit": 1, "cursor": one["next"]})
    assert [page["items"][0]["id"] for page in (one, other)] == [second["id"], first["id"]]


async def test_invalid_sheet_names_the_criterion(desk: Desk, scene: Scene) -> None:
    first = (await desk.assignments())[0]
    await desk.declare(first)
    answer = await desk.score(first, sheet(70) | {"quality": 21}, 422)
    assert (answer["code"], answer["errors"][0]["field"]) == ("score-out-of-range", "scores.quality")
    missing = {name: 5 for name in FULL if name != "capacity"}
    assert (await desk.score(first, missing, 422))["errors"][0]["field"] == "scores.capacity"
    assert (await desk.request(evaluator(first["evaluator_id"]), "POST", f"/assignments/{first['id']}/scores", 422,
                           json={"scores": sheet(70) | {"quality": 1.5}}))["code"] == "invalid-input"  # fmt: skip


async def test_sheets_are_visible_when_both_are_submitted(desk: Desk, scene: Scene) -> None:
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


async def test_divergence_adds_a_third_sheet_and_the_nearest_two_count(desk: Desk, scene: Scene) -> None:
    """The third evaluator does not see the first two sheets."""
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


async def test_two_sheets_below_the_threshold_need_no_third(desk: Desk, scene: Scene) -> None:
    await desk.evaluate(scene.application(1), 50, 10)
    assert (await desk.case(scene, 1))["failed_rules"] == ["below-threshold", "below-criterion-threshold"]


async def test_concurrent_sheets_complete_the_case_once(desk: Desk, scene: Scene) -> None:
    first, second = await desk.assignments()
    await desk.declare(first)
    await desk.declare(second)
    await asyncio.gather(desk.score(first, sheet(70)), desk.score(second, sheet(80)), desk.score(first, sheet(70)))
    assert len(await desk.events(EvaluationCompleted)) == 1


async def test_officer_who_evaluates_the_case_sees_no_other_sheet(desk: Desk, scene: Scene) -> None:
    first, second = await desk.assignments()
    await desk.declare(first)
    await desk.score(first, sheet(70))
    assert len((await desk.case(scene, 1))["sheets"]) == 1
    peeking = officer(name=second["evaluator_id"])
    assert (await desk.request(peeking, "GET", f"/cases/{scene.application(1)}"))["sheets"] == []


async def test_late_case_is_marked_when_the_evaluation_is_due(desk: Desk, scene: Scene) -> None:
    await desk.receive(scene.milestone(MilestoneKind.EVALUATION_DUE, CLOSES_EARLIER))
    assert not (await desk.case(scene, 1))["overdue"]  # the timer of a date that was moved
    await desk.receive(scene.milestone(MilestoneKind.EVALUATION_DUE, EVALUATION_DUE))
    assert (await desk.case(scene, 1))["overdue"]
    assert (await desk.ranking(scene))["overdue"]


CLOSES_EARLIER = EVALUATION_DUE.replace(year=EVALUATION_DUE.year - 1)
