"""Assignment begins when exactly the screened cases are here, keeps the hard rules, and mends only what broke."""

import asyncio
from collections import Counter
from typing import Any

from shared.contracts.evaluation import EvaluatorAssigned, EvaluatorRecused
from tests.integration.evaluation.conftest import Desk, sheet
from tests.support.evaluation import Scene, evaluator, officer

TEAM = ("ev-a", "ev-b", "ev-c")


def by_case(assignments: list[dict[str, Any]]) -> Counter[str]:
    return Counter(each["application_id"] for each in assignments if each["state"] != "recused")


async def test_two_evaluators_each_with_loads_within_one(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.take(scene.published(), *(scene.eligible(n) for n in range(1, 6)), scene.screened(1, 2, 3, 4, 5))
    assignments = await desk.assignments(call=scene.call_id)
    load = Counter(each["evaluator_id"] for each in assignments)
    assert set(by_case(assignments).values()) == {2}
    assert sorted(load.values()) == [3, 3, 4]
    assert len(await desk.events(EvaluatorAssigned)) == 10


async def test_screening_completed_before_its_cases_waits_for_the_last_of_them(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.take(scene.screened(1, 2, 3), scene.eligible(2))
    assert await desk.count("parked") == 2
    await desk.take(scene.published(), scene.eligible(1))
    assert await desk.count("parked") == 0
    assert await desk.assignments() == []
    await desk.take(scene.eligible(3))
    assert set(by_case(await desk.assignments()).values()) == {2}


async def test_a_withdrawal_counts_whether_it_came_before_or_after_the_screening_was_complete(desk: Desk) -> None:
    before, after = Scene(), Scene()
    await desk.register(*TEAM)
    await desk.take(before.published(), before.eligible(1), before.eligible(2), before.screened(1))
    assert await desk.assignments(call=before.call_id) == []
    await desk.take(before.withdrawn(2))
    assert by_case(await desk.assignments(call=before.call_id)) == {str(before.application(1)): 2}

    await desk.take(after.published(), after.eligible(1), after.eligible(2), after.withdrawn(2), after.screened(1, 2))
    assert by_case(await desk.assignments(call=after.call_id)) == {str(after.application(1)): 2}


async def test_a_case_whose_withdrawal_came_first_is_opened_and_closed(desk: Desk) -> None:
    scene = Scene()
    await desk.take(scene.published(), scene.withdrawn(1), scene.eligible(1))
    case = await desk.case(scene, 1)
    assert (case["state"], case["decision"]["rules"]) == ("withdrawn", ["withdrawn"])


async def test_nobody_is_assigned_against_language_region_or_a_tie(desk: Desk) -> None:
    scene = Scene()
    await desk.register("tied", relations=[{"kind": "tax-number", "value": " EL 123 "}])
    await desk.register("greek-only", languages=["el"])
    await desk.register("free-1", "free-2")
    await desk.take(scene.published(), scene.eligible(1, tax_number="el123"), scene.screened(1))
    assert {each["evaluator_id"] for each in await desk.assignments()} == {"free-1", "free-2"}
    listed = (await desk.ask(officer(), "GET", "/evaluators"))["items"]
    assert {each["evaluator_id"]: each["relation_kinds"] for each in listed}["tied"] == ["tax-number"]
    assert "123" not in str(listed)


async def test_a_place_that_nobody_could_take_is_filled_when_somebody_is_registered(desk: Desk) -> None:
    scene = Scene()
    await desk.register("first")
    await desk.take(scene.published(), scene.eligible(1), scene.screened(1))
    assert await desk.assignments() == []  # with one evaluator a case is not even begun
    await desk.register("greek-only", languages=["el"])
    assert [each["evaluator_id"] for each in await desk.assignments()] == ["first"]
    assert (await desk.case(scene, 1))["open_seats"] == [2]
    await desk.register("greek-only", languages=["el", "en"], expect=200)
    assert {each["seat"]: each["evaluator_id"] for each in await desk.assignments()} == {1: "first", 2: "greek-only"}


async def test_a_recusal_reopens_one_place_and_nothing_else(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.take(scene.published(), scene.eligible(1), scene.eligible(2), scene.screened(1, 2))
    before = {each["id"]: each for each in await desk.assignments()}
    leaving = next(iter(before.values()))
    await desk.declare(leaving, conflict=True, kind="employer")
    await desk.declare(leaving, conflict=True, kind="employer")  # once more: harmless
    after = {each["id"]: each for each in await desk.assignments()}
    [new] = [each for each in after.values() if each["id"] not in before]
    assert (new["application_id"], new["seat"]) == (leaving["application_id"], leaving["seat"])
    assert new["evaluator_id"] != leaving["evaluator_id"]
    assert [after[key]["state"] for key in before] == ["recused", *["assigned"] * 3]
    assert len(await desk.events(EvaluatorRecused)) == 1
    await desk.declare(leaving, 409)
    await desk.score(leaving, sheet(70), 409)


async def test_a_tie_that_comes_to_light_takes_the_evaluator_off_the_case(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.take(scene.published(), scene.eligible(1, tax_number="el123"), scene.screened(1))
    tied = (await desk.assignments())[0]["evaluator_id"]
    await desk.register(tied, expect=200, relations=[{"kind": "tax-number", "value": "EL123"}])
    standing = {each["evaluator_id"] for each in await desk.assignments() if each["state"] == "assigned"}
    assert standing == set(TEAM) - {tied}
    [recused] = await desk.events(EvaluatorRecused)
    assert recused.reason == "conflict-found"


async def test_an_evaluator_sees_the_own_assignments_only(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.take(scene.published(), *(scene.eligible(n) for n in (1, 2, 3)), scene.screened(1, 2, 3))
    mine = (await desk.ask(evaluator("ev-a"), "GET", "/assignments"))["items"]
    assert {each["evaluator_id"] for each in mine} == {"ev-a"}
    foreign = next(each for each in await desk.assignments() if each["evaluator_id"] != "ev-a")
    refusal = await desk.ask(evaluator("ev-a"), "GET", f"/assignments/{foreign['id']}", 403)
    assert refusal["code"] == "not-assigned"
    await desk.ask(evaluator("ev-a"), "POST", f"/assignments/{foreign['id']}/declaration", 403, json={"conflict": False})


async def test_an_evaluator_registered_at_the_moment_of_screening_is_not_missed(desk: Desk) -> None:
    scene = Scene()
    await desk.register("ev-a")
    await desk.take(scene.published(), scene.eligible(1))
    await asyncio.gather(desk.register("ev-b"), desk.take(scene.screened(1)))
    assert {each["evaluator_id"] for each in await desk.assignments()} == {"ev-a", "ev-b"}
