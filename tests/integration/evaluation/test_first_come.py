"""First come: decided in the order of submission, whatever the order in which the events arrive."""

from random import Random

import pytest

from shared.contracts.evaluation import AwardGranted, PlacedOnReserveList
from shared.messaging.event import Event
from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import AWARD, Scene

GRANTED, RESERVE, REFUSED = "granted", "reserve", "refused"


def scene_of_three() -> Scene:
    return Scene("first-come", envelope=2 * AWARD)


async def test_a_case_waits_until_all_earlier_ones_are_known_and_screened(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.take(scene.published(), scene.eligible(2))
    assert await desk.outcomes(scene) == {2: "open"}
    await desk.take(scene.submitted(1))
    assert await desk.outcomes(scene) == {2: "open"}
    await desk.take(scene.ineligible(1))
    assert await desk.outcomes(scene) == {2: GRANTED}


async def test_an_eligible_one_may_be_heard_of_before_its_submission(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.take(scene.published(), scene.eligible(1), scene.submitted(1), scene.submitted(1, revision=2))
    assert await desk.outcomes(scene) == {1: GRANTED}
    assert len(await desk.events(AwardGranted)) == 1


async def test_the_envelope_ends_and_a_smaller_request_does_not_jump_the_queue(desk: Desk) -> None:
    scene = Scene("first-come", envelope=2 * AWARD - 1)
    await desk.take(scene.published(), scene.eligible(1), scene.eligible(2), scene.eligible(3, amount=10))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: RESERVE, 3: RESERVE}
    assert [each.body["position"] for each in await desk.events(PlacedOnReserveList)] == [2, 3]


async def test_who_withdraws_before_the_turn_is_passed_over(desk: Desk) -> None:
    scene = Scene("first-come", envelope=AWARD)
    await desk.take(scene.published(), scene.submitted(1), scene.eligible(2), scene.eligible(3))
    await desk.take(scene.withdrawn(2), scene.withdrawn(1))
    assert await desk.outcomes(scene) == {2: REFUSED, 3: GRANTED}


async def test_who_comes_after_the_reserve_list_has_ended_is_granted_or_refused(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.take(scene.published(), scene.eligible(1), scene.reserve_list_ends(), scene.eligible(2), scene.eligible(3))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: GRANTED, 3: REFUSED}
    assert (await desk.case(scene, 3))["decision"]["rules"] == ["envelope-exhausted"]


async def test_there_is_no_list_to_approve(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.take(scene.published(), scene.eligible(1), scene.closed(1))
    assert (await desk.ranking(scene))["state"] == "decided"
    assert (await desk.approve(scene, expect=409))["code"] == "no-list"


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_arrival_gives_the_same_decisions(desk: Desk, seed: int) -> None:
    scene = Scene("first-come", envelope=3 * AWARD)
    events: list[Event] = [scene.published(), scene.closed(7), scene.screened(1, 3, 4, 6, 7)]
    events += [scene.submitted(n) for n in range(1, 8)] + [scene.eligible(n) for n in (1, 3, 4, 6, 7)]
    events += [scene.ineligible(2), scene.withdrawn(5)]
    Random(seed).shuffle(events)
    await desk.take(*events, at_once=seed % 2 == 0)
    assert await desk.count("parked") == 0
    assert await desk.outcomes(scene) == {1: GRANTED, 3: GRANTED, 4: GRANTED, 6: RESERVE, 7: RESERVE}
    assert [each.body["rank"] for each in await desk.events(AwardGranted)] == [1, 3, 4]
