"""Assignment begins when exactly the screened cases have arrived, keeps the hard rules, and fills only open seats again."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

from shared.contracts.evaluation import EvaluatorAssigned, EvaluatorRecused
from tests.integration.evaluation.conftest import Desk, sheet
from tests.support.evaluation import Scene, evaluator, officer

TEAM = ("ev-a", "ev-b", "ev-c")


def by_case(assignments: list[dict[str, Any]]) -> Counter[str]:
    return Counter(each["application_id"] for each in assignments if each["state"] != "recused")


async def test_assignment_without_conflicts_spreads_loads_evenly(desk: Desk) -> None:
    """Each case gets two evaluators, and the loads differ by one at most."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), *(scene.eligible(n) for n in range(1, 6)), scene.screened(1, 2, 3, 4, 5))
    assignments = await desk.assignments(call=scene.call_id)
    load = Counter(each["evaluator_id"] for each in assignments)
    assert set(by_case(assignments).values()) == {2}
    assert sorted(load.values()) == [3, 3, 4]
    assert len(await desk.events(EvaluatorAssigned)) == 10


async def test_screening_completed_early_waits_for_the_last_case(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.screened(1, 2, 3), scene.eligible(2))
    assert await desk.count("parked") == 2
    await desk.receive(scene.published(), scene.eligible(1))
    assert await desk.count("parked") == 0
    assert await desk.assignments() == []
    await desk.receive(scene.eligible(3))
    assert set(by_case(await desk.assignments()).values()) == {2}


async def test_withdrawal_before_or_after_screening_is_recognised(desk: Desk) -> None:
    """A case withdrawn before the screening was complete is not among the named ones, one withdrawn after it is."""
    before, after = Scene(), Scene()
    await desk.register(*TEAM)
    await desk.receive(before.published(), before.eligible(1), before.eligible(2), before.screened(1))
    assert await desk.assignments(call=before.call_id) == []
    await desk.receive(before.withdrawn(2))
    assert by_case(await desk.assignments(call=before.call_id)) == {str(before.application(1)): 2}

    await desk.receive(after.published(), after.eligible(1), after.eligible(2), after.withdrawn(2), after.screened(1, 2))
    assert by_case(await desk.assignments(call=after.call_id)) == {str(after.application(1)): 2}


async def test_case_whose_withdrawal_arrived_first_is_refused(desk: Desk) -> None:
    scene = Scene()
    await desk.receive(scene.published(), scene.withdrawn(1), scene.eligible(1))
    case = await desk.case(scene, 1)
    assert (case["state"], case["decision"]["rules"]) == ("withdrawn", ["withdrawn"])


async def test_assignment_respects_language_and_relations(desk: Desk) -> None:
    scene = Scene()
    await desk.register("related", relations=[{"kind": "tax-number", "value": " EL 123 "}])
    await desk.register("greek-only", languages=["el"])
    await desk.register("free-1", "free-2")
    await desk.receive(scene.published(), scene.eligible(1, tax_number="el123"), scene.screened(1))
    assert {each["evaluator_id"] for each in await desk.assignments()} == {"free-1", "free-2"}
    listed = (await desk.request(officer(), "GET", "/evaluators"))["items"]
    assert {each["evaluator_id"]: each["relation_kinds"] for each in listed}["related"] == ["tax-number"]
    assert "123" not in str(listed)


async def test_applicant_of_the_call_is_assigned_no_case_of_it(desk: Desk) -> None:
    """An applicant who is an evaluator too would read what the others have written."""
    scene = Scene()
    await desk.register("applies-too", *TEAM[:2])
    await desk.deliver(scene.submitted(2), actor="applies-too")
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.screened(1, 2))
    assert {each["evaluator_id"] for each in await desk.assignments()} == set(TEAM[:2])


async def test_applicant_assigned_before_it_was_known_opens_no_file(desk: Desk) -> None:
    """Its submission arrives after the assignment, which ends at once."""
    scene = Scene()
    await desk.register(*TEAM[:2])
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    [assignment] = [each for each in await desk.assignments() if each["evaluator_id"] == TEAM[0]]
    await desk.deliver(scene.submitted(2), actor=TEAM[0])
    assert (await desk.declare(assignment, 409))["code"] == "assignment-closed"
    assert next(each["ended_for"] for each in await desk.assignments() if each["id"] == assignment["id"]) == "conflict-found"


async def test_officer_does_not_register_itself_as_an_evaluator(desk: Desk) -> None:
    await desk.register("registrar-1", expect=403)
    assert (await desk.request(officer(), "GET", "/evaluators"))["items"] == []


async def test_screener_chooses_no_evaluators_of_its_call(desk: Desk) -> None:
    """A new relation of an evaluator would move the cases to another one."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.deliver(scene.published())
    await desk.deliver(scene.eligible(1), actor="registrar-1")
    await desk.receive(scene.screened(1))
    await desk.register(TEAM[0], expect=403, relations=[{"kind": "tax-number", "value": "EL123"}])


async def test_evaluator_whom_a_screener_registered_gets_no_case(desk: Desk) -> None:
    """Nor one whom a screener changed: he would have chosen both the cases of the call and who scores them. Other calls are theirs, and
    a registration that changes nothing excludes nobody."""
    scene, other = Scene(), Scene()
    await desk.register("chosen", registrar="screener-1")
    await desk.register("changed", *TEAM[:2])
    await desk.register("changed", registrar="screener-1", expect=200, topics=["music"])
    await desk.register(TEAM[0], registrar="screener-1", expect=200)
    for each, screener in ((scene, "screener-1"), (other, "screener-2")):
        await desk.deliver(each.published())
        await desk.deliver(each.eligible(1), each.eligible(2), actor=screener)
        await desk.receive(each.screened(1, 2))
    assert {one["evaluator_id"] for one in await desk.assignments(call=scene.call_id)} == set(TEAM[:2])
    assert {one["evaluator_id"] for one in await desk.assignments(call=other.call_id)} == {*TEAM[:2], "chosen", "changed"}


async def test_screener_scores_no_case_that_it_has_screened(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM[:2])
    await desk.deliver(scene.published())
    await desk.deliver(scene.eligible(1), actor=TEAM[0])
    await desk.receive(scene.screened(1))
    [assignment] = [each for each in await desk.assignments() if each["evaluator_id"] == TEAM[0]]
    assert (await desk.declare(assignment, 403))["code"] == "incompatible-step"


async def test_open_seat_is_filled_when_an_evaluator_is_registered(desk: Desk) -> None:
    scene = Scene()
    await desk.register("first")
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    assert await desk.assignments() == []  # with one evaluator nothing is assigned yet
    await desk.register("greek-only", languages=["el"])
    assert [each["evaluator_id"] for each in await desk.assignments()] == ["first"]
    assert (await desk.case(scene, 1))["open_seats"] == [2]
    await desk.register("greek-only", languages=["el", "en"], expect=200)
    assert {each["seat"]: each["evaluator_id"] for each in await desk.assignments()} == {1: "first", 2: "greek-only"}


async def test_recusal_reopens_one_seat_only(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.screened(1, 2))
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


async def test_relation_found_later_recuses_the_evaluator(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1, tax_number="el123"), scene.screened(1))
    related = (await desk.assignments())[0]["evaluator_id"]
    await desk.register(related, expect=200, relations=[{"kind": "tax-number", "value": "EL123"}])
    assigned = {each["evaluator_id"] for each in await desk.assignments() if each["state"] == "assigned"}
    assert assigned == set(TEAM) - {related}
    [recused] = await desk.events(EvaluatorRecused)
    assert recused.reason == "conflict-found"


async def test_evaluator_sees_own_assignments_only(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), *(scene.eligible(n) for n in (1, 2, 3)), scene.screened(1, 2, 3))
    mine = (await desk.request(evaluator("ev-a"), "GET", "/assignments"))["items"]
    assert {each["evaluator_id"] for each in mine} == {"ev-a"}
    foreign = next(each for each in await desk.assignments() if each["evaluator_id"] != "ev-a")
    refusal = await desk.request(evaluator("ev-a"), "GET", f"/assignments/{foreign['id']}", 403)
    assert refusal["code"] == "not-assigned"
    await desk.request(evaluator("ev-a"), "POST", f"/assignments/{foreign['id']}/declaration", 403, json={"conflict": False})


async def test_evaluator_registered_during_screening_is_assigned(desk: Desk) -> None:
    scene = Scene()
    await desk.register("ev-a")
    await desk.receive(scene.published(), scene.eligible(1))
    await asyncio.gather(desk.register("ev-b"), desk.receive(scene.screened(1)))
    assert {each["evaluator_id"] for each in await desk.assignments()} == {"ev-a", "ev-b"}


async def test_officer_who_evaluates_may_ask_for_the_own_ones(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    both = officer(name=(await desk.assignments())[0]["evaluator_id"])
    assert len((await desk.request(both, "GET", "/assignments"))["items"]) == 2
    mine = (await desk.request(both, "GET", "/assignments", params={"mine": True}))["items"]
    assert [each["evaluator_id"] for each in mine] == [both.id]
    desk.clock.instant = datetime.fromisoformat(mine[0]["due_at"])
    counts = await desk.request(both, "GET", "/assignment-counts")
    assert {state: one["count"] for state, one in counts.items()} == {"assigned": 1, "declared": 0, "scored": 0, "late": 1}
