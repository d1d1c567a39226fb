"""First come: decided in the order of submission, whatever the order in which the events arrive."""

from random import Random

import pytest

from services.evaluation.queries.registrations import read_registration
from shared.contracts.common import AwardTerms
from shared.contracts.evaluation import AwardGranted, PlacedOnReserveList
from shared.contracts.vouchers import CapacityChanged
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.event import Event
from shared.policy.registration import Registration
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.integration.evaluation.conftest import Desk, applicant
from tests.support.evaluation import AWARD, BOOK, FIRST_COME, Scene, officer

GRANTED, RESERVE, REFUSED, _ = DecisionOutcome


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


async def test_more_hours_or_places_move_the_reserve_list_up(desk: Desk) -> None:
    """As a top-up: by what they are worth, once for each change; one about another region has no effect."""
    scene = Scene(FIRST_COME, envelope=AWARD)
    await desk.receive(scene.published(), *(scene.eligible(number) for number in (1, 2, 3)))
    more = CapacityChanged(
        call_id=scene.call_id, region=scene.region, change_id=new_id(), unit="places", units=3, supplied=6, change_minor=AWARD,
        currency=scene.policy.currency,
    )  # fmt: skip
    await desk.receive(more, more)
    await desk.deliver(more.model_copy(update={"region": "dk-kolding", "change_id": new_id()}))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: GRANTED, 3: RESERVE}


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


def say_when_short(desk: Desk, rule: str) -> None:
    """Every policy says this of money that is less than the next case asks for; the smallest voucher is worth a tenth of `AWARD`."""

    class WhenShort(PolicyBook):
        def get(self, policy_id: str) -> Policy:
            policy = super().get(policy_id)
            selection, value = (part.model_copy(update=given) for part, given in (
                (policy.selection, {"when_short": rule}), (policy.value, {"smallest_minor": AWARD // 10})))  # fmt: skip
            return policy.model_copy(update={"selection": selection, "value": value})

    desk.policies = desk.inbox.policies = desk.app.state.policies = WhenShort(BOOK.all())


@pytest.mark.parametrize(
    ("rule", "amounts", "awarded", "left"),
    [
        ("wait", (6, 9, 3, 2), (6, None, None, None), 4),
        ("skip", (6, 9, 3, 2), (6, None, 3, None), 1),
        ("skip", (6, 9, 3, 1), (6, None, 3, 1), 0),
        ("partial", (6, 9, 3, 2), (6, 4, None, None), 0),
        ("partial", (9, 20, 3), (9, 1, None), 0),
        ("wait", (6, 4, 3), (6, 4, None), 0),
    ],
)
async def test_rest_of_a_queue_goes_as_the_policy_says(
    desk: Desk, rule: str, amounts: tuple[int, ...], awarded: tuple[int | None, ...], left: int
) -> None:
    """10 left, asked 6, 9 and 3 (row "Evaluation" of the cases of the rules), in a call that serves the first first."""
    unit = AWARD // 10
    scene = Scene(FIRST_COME, envelope=10 * unit)
    say_when_short(desk, rule)
    await desk.receive(scene.published(), *reversed([scene.eligible(n, amount * unit) for n, amount in enumerate(amounts, start=1)]))
    grants = {each.body["rank"]: each for each in await desk.events(AwardGranted)}
    given = {number: each.body["amount_minor"] // unit for number, each in grants.items()}
    assert tuple(given.get(number) for number in range(1, len(amounts) + 1)) == awarded
    reasons = {number: each.reason for number, each in grants.items()}
    assert [reasons[n] for n in given if given[n] < amounts[n - 1]] == ["partial-award"] * (rule == "partial")
    shown = await desk.ranking(scene)
    assert (shown["free_minor"], shown["waiting"]) == (left * unit, awarded.count(None))
    assert (await desk.request(officer(FIRST_COME), "GET", "/desk"))["unspent"]["count"] == (1 if left else 0)


async def test_part_too_small_for_a_voucher_waits(desk: Desk) -> None:
    scene = Scene(FIRST_COME, envelope=AWARD + AWARD // 10 - 1)
    say_when_short(desk, "partial")
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.eligible(3, amount=10))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: RESERVE, 3: RESERVE}
    assert (await desk.request(officer(FIRST_COME), "GET", "/desk"))["unspent"]["count"] == 1


async def test_freed_money_goes_to_the_next_that_it_holds(desk: Desk) -> None:
    scene = Scene(FIRST_COME, envelope=AWARD)
    say_when_short(desk, "skip")
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.eligible(3, amount=AWARD // 2))
    await desk.receive(scene.released(1, AWARD // 2))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: RESERVE, 3: GRANTED}
