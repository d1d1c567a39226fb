"""Drafts, justifications, questions, and what an officer does with a sheet: opens it again, sets it aside, gives the seat to another."""

from typing import Any

import pytest_asyncio

from services.evaluation.queries.tasks import waiting_tasks
from services.evaluation.tables import AssignmentRow, DraftRow, SetAsideSheetRow
from shared.contracts.evaluation import EvaluationCompleted, EvaluationTasksCounted, EvaluatorRecused, QuestionAnswered
from tests.integration.evaluation.conftest import Desk, sheet
from tests.support.evaluation import Scene, evaluator, officer

TEAM = ("ev-a", "ev-b", "ev-c", "ev-d")
MANAGER = officer(name="manager-1")


@pytest_asyncio.fixture
async def scene(desk: Desk) -> Scene:
    """One case, two of four evaluators assigned."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    return scene


async def as_holder(desk: Desk, assignment: dict[str, Any], method: str, path: str = "", expect: int = 200, **request: Any) -> Any:
    return await desk.request(evaluator(assignment["evaluator_id"]), method, f"/assignments/{assignment['id']}{path}", expect, **request)


async def by_seat(desk: Desk) -> list[dict[str, Any]]:
    return sorted(await desk.assignments(), key=lambda each: int(each["seat"]))


async def manage(desk: Desk, assignment: dict[str, Any], path: str, expect: int = 200, **body: Any) -> Any:
    return await desk.request(MANAGER, "POST", f"/assignments/{assignment['id']}/{path}", expect, json=body)


async def test_draft_is_kept_until_the_sheet_is_submitted(desk: Desk, scene: Scene) -> None:
    first = (await desk.assignments())[0]
    draft = {"scores": {"relevance": 20}, "justifications": {"relevance": "New for"}, "comment": ""}
    assert (await as_holder(desk, first, "PUT", "/draft", 409, json={"version": 0} | draft))["code"] == "not-declared"
    await desk.declare(first)
    assert (await as_holder(desk, first, "PUT", "/draft", json={"version": 0} | draft))["version"] == 1
    assert (await as_holder(desk, first, "PUT", "/draft", json={"version": 0} | draft))["version"] == 1  # sent twice: harmless
    assert (await as_holder(desk, first, "PUT", "/draft", json={"version": 1, "scores": {"relevance": 25}}))["version"] == 2
    assert (await as_holder(desk, first, "PUT", "/draft", 409, json={"version": 1, "comment": "late"}))["code"] == "sheet-changed"
    too_many = await as_holder(desk, first, "PUT", "/draft", 422, json={"version": 2, "scores": {"relevance": 31}})
    assert too_many["errors"][0]["field"] == "scores.relevance"
    assert (await as_holder(desk, first, "GET"))["draft"]["scores"] == {"relevance": 25}
    assert (await desk.request(officer(), "GET", f"/assignments/{first['id']}"))["draft"] is None  # not before it is submitted
    await desk.score(first, sheet(70), justifications={"relevance": " New for the region. "})
    read = await as_holder(desk, first, "GET")
    assert (read["draft"], read["own_sheet"]["justifications"]) == (None, {"relevance": "New for the region."})
    assert await desk.rows(DraftRow) == []


async def test_question_is_answered_by_an_officer_once(desk: Desk, scene: Scene) -> None:
    first = (await desk.assignments())[0]
    await desk.declare(first)
    asked = await as_holder(desk, first, "POST", "/questions", 201, json={"question": "Which machine?"})
    listed = await desk.request(MANAGER, "GET", "/questions", params={"call_id": str(scene.call_id), "answered": False})
    assert [each["question"] for each in listed["items"]] == ["Which machine?"]
    assert (await desk.request(MANAGER, "GET", "/desk"))["questions"] == {"count": 1, "exact": True}
    waiting = await desk.counted(EvaluationTasksCounted, waiting_tasks)
    assert [one for one in waiting if one["kind"] == "questions" or one.get("person_id") == first["evaluator_id"]] == [
        {"kind": "questions", "count": 1}, {"kind": "applications-to-score", "count": 1, "person_id": first["evaluator_id"]},
    ]  # fmt: skip
    path = f"/questions/{asked['id']}/answer"
    own = officer(name=first["evaluator_id"])
    assert (await desk.request(own, "POST", path, 403, json={"answer": "Mine."}))["code"] == "own-question"
    await desk.request(MANAGER, "POST", path, json={"answer": "The loom."})
    await desk.request(MANAGER, "POST", path, json={"answer": "The loom."})  # sent twice: harmless
    assert (await desk.request(MANAGER, "POST", path, 409, json={"answer": "Another."}))["code"] == "already-answered"
    assert [each["answer"] for each in (await as_holder(desk, first, "GET"))["questions"]] == ["The loom."]
    [answered] = await desk.events(QuestionAnswered)
    assert answered.body["evaluator_id"] == first["evaluator_id"]
    assert "loom" not in str(answered.body)


async def test_reopened_sheet_keeps_both_versions(desk: Desk, scene: Scene) -> None:
    first, second = await by_seat(desk)
    await desk.evaluate(scene.application(1), 70, 80)
    await manage(desk, first, "reopening", reason="The wrong file was scored.")
    await manage(desk, first, "reopening", reason="The wrong file was scored.")  # sent twice: harmless
    read = await as_holder(desk, first, "GET")
    assert (read["state"], read["own_sheet"], read["draft"]["scores"]) == ("declared", None, sheet(70))
    assert [(each["total_points"], each["reason"]) for each in read["set_aside"]] == [(70, "The wrong file was scored.")]
    assert (await desk.case(scene, 1))["state"] == "open"
    await desk.score(first, sheet(90))
    case = await desk.case(scene, 1)
    assert (case["total_hundredths"], case["score_sheets"], [each["total_points"] for each in case["set_aside"]]) == (8500, 2, [70])
    assert [event.body["number"] for event in await desk.events(EvaluationCompleted)] == [1, 2]
    assert (await desk.approve(scene, MANAGER, 403))["code"] == "incompatible-step"  # who opened a sheet does not approve the list
    await desk.approve(scene)
    assert (await manage(desk, second, "reopening", 409, reason="Too late."))["code"] == "list-in-force"


async def test_evaluator_who_does_not_answer_is_replaced(desk: Desk, scene: Scene) -> None:
    silent, other = await desk.assignments()
    ranked = await desk.request(MANAGER, "GET", f"/cases/{scene.application(1)}/candidates")
    assert [each["barred_by"] for each in ranked] == [[], [], ["held-before"], ["held-before"]]
    barred = await manage(desk, silent, "replacement", 422, why="replaced", evaluator_id=other["evaluator_id"])
    assert (barred["code"], barred["errors"][0]["field"]) == ("evaluator-barred", "evaluator_id")
    successor = ranked[1]["evaluator_id"]
    for _ in range(2):  # the second one is harmless
        assert (await manage(desk, silent, "replacement", why="replaced", evaluator_id=successor))["ended_for"] == "replaced"
    holding = {each["evaluator_id"]: each["seat"] for each in await desk.assignments(state="assigned")}
    assert holding == {successor: silent["seat"], other["evaluator_id"]: other["seat"]}
    assert [event.reason for event in await desk.events(EvaluatorRecused)] == ["replaced"]
    await desk.declare(other)
    await desk.score(other, sheet(70))
    assert (await manage(desk, other, "replacement", 409, why="replaced"))["code"] == "sheet-submitted"


async def test_conflict_found_late_sets_the_sheet_aside(desk: Desk, scene: Scene) -> None:
    first, _ = await by_seat(desk)
    await desk.evaluate(scene.application(1), 70, 80)
    await manage(desk, first, "replacement", why="conflict-found", kind="employer", reason="They share an employer.")
    [kept] = await desk.rows(SetAsideSheetRow)
    assert (kept.total_points, kept.set_aside_for, kept.reason) == (70, "conflict", "They share an employer.")
    [recused] = [row for row in await desk.rows(AssignmentRow) if row.state == "recused"]
    assert (str(recused.id), recused.scores) == (first["id"], None)
    [new] = await desk.assignments(state="assigned")
    assert (new["seat"], new["evaluator_id"] == first["evaluator_id"]) == (first["seat"], False)
    progress = await desk.request(officer(), "GET", f"/calls/{scene.call_id}/evaluation")
    assert (progress["assignments"], progress["evaluated"], progress["open_seats"]) == ({"scored": 1, "recused": 1, "assigned": 1}, 0, 0)
