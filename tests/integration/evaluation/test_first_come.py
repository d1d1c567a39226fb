"""First come: decided in the order of submission, whatever the order in which the events arrive."""

from random import Random

import pytest

from services.evaluation.queries.registrations import read_registration
from shared.contracts.common import AwardTerms
from shared.contracts.evaluation import AwardGranted, PlacedOnReserveList
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.event import Event
from shared.policy.registration import Registration
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.integration.evaluation.conftest import Desk, applicant
from tests.support.evaluation import AWARD, BOOK, FIRST_COME, Scene

GRANTED, RESERVE, REFUSED = DecisionOutcome


def scene_of_three() -> Scene:
    return Scene(FIRST_COME, envelope=2 * AWARD)


async def test_case_waits_until_earlier_ones_are_screened(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.receive(scene.published(), scene.eligible(2))
    assert await desk.outcomes(scene) == {2: "open"}
    await desk.receive(scene.submitted(1))
    assert await desk.outcomes(scene) == {2: "open"}
    await desk.receive(scene.ineligible(1))
    assert await desk.outcomes(scene) == {2: GRANTED}


async def test_eligible_event_before_submission_is_granted_once(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.receive(scene.published(), scene.eligible(1), scene.submitted(1), scene.submitted(1, revision=2))
    assert await desk.outcomes(scene) == {1: GRANTED}
    assert len(await desk.events(AwardGranted)) == 1


async def test_award_has_the_terms_of_its_case(desk: Desk) -> None:
    scene, terms = scene_of_three(), AwardTerms(voucher_type="small", intensity_bp=7_000, largest_minor=AWARD, recovers_vat=True)
    await desk.receive(scene.published(), scene.eligible(1).model_copy(update={"terms": terms}), scene.eligible(2))
    assert [each.body["terms"] for each in await desk.events(AwardGranted)] == [terms.model_dump(), None]


async def test_smaller_request_does_not_overtake_when_envelope_ends(desk: Desk) -> None:
    scene = Scene(FIRST_COME, envelope=2 * AWARD - 1)
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.eligible(3, amount=10))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: RESERVE, 3: RESERVE}
    assert [each.body["position"] for each in await desk.events(PlacedOnReserveList)] == [2, 3]


@pytest.mark.parametrize(
    ("changes", "granted"),
    [((AWARD - 1,), 1), ((AWARD,), 2), ((2 * AWARD,), 3), ((2 * AWARD, -AWARD, AWARD), 3), ((-AWARD, AWARD), 1), ((AWARD // 2, AWARD), 2)],
    ids=["too-little", "one-more", "all", "not-twice", "taken-and-given", "two-parts"],
)
async def test_top_up_moves_reserve_list_up_as_far_as_it_fits(desk: Desk, changes: tuple[int, ...], granted: int) -> None:
    scene = Scene(FIRST_COME, envelope=AWARD)
    await desk.receive(scene.published(), *(scene.eligible(number) for number in (1, 2, 3)))
    events = [scene.envelope_changed(change) for change in changes]
    await desk.receive(*events)
    await desk.receive(*events)  # published again, under other ids
    outcomes = await desk.outcomes(scene)
    assert [number for number, outcome in outcomes.items() if outcome == GRANTED] == list(range(1, granted + 1))
    grants = await desk.events(AwardGranted)
    assert [(each.body["rank"], each.actor) for each in grants] == [(number, "system") for number in range(1, granted + 1)]


async def test_money_added_to_an_award_leaves_less_for_reserves(desk: Desk) -> None:
    scene = Scene(FIRST_COME, envelope=AWARD)
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.added(1, 1), scene.envelope_changed(AWARD))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: RESERVE}
    await desk.receive(scene.released(1, 1))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: GRANTED}


async def test_withdrawn_application_is_skipped_in_the_queue(desk: Desk) -> None:
    scene = Scene(FIRST_COME, envelope=AWARD)
    await desk.receive(scene.published(), scene.submitted(1), scene.eligible(2), scene.eligible(3))
    await desk.receive(scene.withdrawn(2), scene.withdrawn(1))
    assert await desk.outcomes(scene) == {2: REFUSED, 3: GRANTED}


async def test_case_after_reserve_list_end_is_granted_or_refused(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.receive(scene.published(), scene.eligible(1), scene.reserve_list_ends(), scene.eligible(2), scene.eligible(3))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: GRANTED, 3: REFUSED}
    assert (await desk.case(scene, 3))["decision"]["rules"] == ["envelope-exhausted"]


async def test_first_come_call_has_no_list_to_approve(desk: Desk) -> None:
    scene = scene_of_three()
    await desk.receive(scene.published(), scene.eligible(1), scene.closed(1))
    assert (await desk.ranking(scene))["state"] == "decided"
    assert (await desk.approve(scene, expect=409))["code"] == "no-list"


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_events_gives_the_same_decisions(desk: Desk, seed: int) -> None:
    scene = Scene(FIRST_COME, envelope=3 * AWARD)
    events: list[Event] = [scene.published(), scene.closed(7), scene.screened(1, 3, 4, 6, 7)]
    events += [scene.submitted(n) for n in range(1, 8)] + [scene.eligible(n) for n in (1, 3, 4, 6, 7)]
    events += [scene.ineligible(2), scene.withdrawn(5)]
    Random(seed).shuffle(events)
    await desk.receive(*events, at_once=seed % 2 == 0)
    assert await desk.count("parked") == 0
    assert await desk.outcomes(scene) == {1: GRANTED, 3: GRANTED, 4: GRANTED, 6: RESERVE, 7: RESERVE}
    assert [each.body["rank"] for each in await desk.events(AwardGranted)] == [1, 3, 4]


@pytest.mark.parametrize("seed", range(4))
async def test_application_that_lost_its_place_goes_last_in_any_order(desk: Desk, seed: int) -> None:
    """Number 1 was corrected in substance after the close and is number 4 now."""
    scene = Scene(FIRST_COME, envelope=2 * AWARD)
    events: list[Event] = [scene.published(), scene.closed(3), scene.submitted(1), scene.moved(1, to=4), scene.eligible_after_move(1, to=4)]
    events += [scene.submitted(2), scene.submitted(3), scene.eligible(2), scene.eligible(3)]
    Random(seed).shuffle(events)
    await desk.receive(*events, at_once=seed % 2 == 0)
    assert await desk.outcomes(scene) == {4: RESERVE, 2: GRANTED, 3: GRANTED}
    assert (await desk.ranking(scene))["state"] == "decided"


class AtRegistration(PolicyBook):
    """Every policy reserves the money when an application is registered."""

    def get(self, policy_id: str) -> Policy:
        return super().get(policy_id).model_copy(update={"registration": Registration(repair_keeps_place=True)})


async def test_registration_reserves_and_a_withdrawal_frees(desk: Desk) -> None:
    """Creative vouchers of Slovakia: in the order of arrival, kept through a repair."""
    scene = Scene(FIRST_COME, envelope=2 * AWARD)
    await desk.receive(scene.published(), scene.submitted(2), scene.submitted(1), scene.submitted(3))

    async def state(number: int) -> tuple[str, int]:
        found = await desk.run(read_registration, applicant(scene, number), scene.application(number))
        return found.state, found.ahead

    with pytest.raises(NotFound):
        await state(1)  # its policy reserves nothing then
    desk.policies = AtRegistration(BOOK.all())
    assert [await state(number) for number in (1, 2, 3)] == [("reserved", 0), ("reserved", 1), ("queued", 2)]
    with pytest.raises(Forbidden):
        await desk.run(read_registration, applicant(scene, 2), scene.application(1))
    await desk.receive(scene.submitted(1, revision=2), scene.withdrawn(2))
    assert [await state(number) for number in (1, 2, 3)] == [("reserved", 0), ("released", 1), ("reserved", 1)]
    await desk.receive(scene.ineligible(1))
    assert [await state(number) for number in (1, 3)] == [("released", 0), ("reserved", 0)]
