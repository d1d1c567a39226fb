"""From the evaluated list to decisions: approval, appeals, reserve list, withdrawal at every stage."""

import asyncio

import pytest
import pytest_asyncio

from shared.contracts.evaluation import AwardGranted, AwardRefused, PlacedOnReserveList, RankingApproved
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import DecisionOutcome, MilestoneKind
from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import AWARD, DRAW, RESERVE_ENDS, Scene, officer

TEAM = ("ev-a", "ev-b", "ev-c")
GRANTED, RESERVE, REFUSED, _ = DecisionOutcome


@pytest_asyncio.fixture
async def scene(desk: Desk) -> Scene:
    """Five evaluated cases; the envelope holds two. The better the earlier, but the fifth misses the threshold."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), *(scene.eligible(n) for n in range(1, 6)), scene.screened(1, 2, 3, 4, 5))
    for sequence, total in enumerate([90, 80, 70, 60, 50], start=1):
        await desk.evaluate(scene.application(sequence), total, total)
    return scene


@pytest_asyncio.fixture
async def decided(desk: Desk, scene: Scene) -> Scene:
    """The same, approved, the appeals over."""
    await desk.approve(scene)
    await desk.receive(scene.appeals_over())
    return scene


async def test_incomplete_list_is_not_approved(desk: Desk) -> None:
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1))
    assert (await desk.approve(scene, expect=409))["code"] == "list-not-complete"
    await desk.receive(scene.screened(1))
    waiting = await desk.ranking(scene)
    assert (waiting["state"], waiting["waits_for"]["evaluations"], waiting["list_hash"]) == ("waiting", 1, None)
    assert (await desk.approve(scene, expect=409))["code"] == "list-not-complete"


async def test_decisions_of_an_approved_list_wait_for_the_appeals(desk: Desk, scene: Scene) -> None:
    ready = await desk.ranking(scene)
    assert (ready["state"], [each["rank"] for each in ready["entries"]]) == ("ready", [1, 2, 3, 4, 5])
    approved = await desk.approve(scene)
    assert [each["listed_as"] for each in approved["entries"]] == [GRANTED, GRANTED, RESERVE, RESERVE, REFUSED]
    assert (approved["state"], approved["list_hash"]) == ("approved", ready["list_hash"])
    assert await desk.events(AwardGranted) == []

    await desk.receive(scene.appeals_over())
    assert await desk.outcomes(scene) == {1: GRANTED, 2: GRANTED, 3: RESERVE, 4: RESERVE, 5: REFUSED}
    first = (await desk.events(AwardGranted))[0].body
    assert (first["award_id"], first["rank"], first["grant_number"]) == (str(derive_id(scene.application(1), "award", 1)), 1, 1)
    assert [each.body["position"] for each in await desk.events(PlacedOnReserveList)] == [3, 4]
    assert (await desk.events(AwardRefused))[0].body["rules"] == ["below-threshold"]
    assert (await desk.ranking(scene))["granted_minor"] == 2 * AWARD


async def test_appeals_over_without_approval_decides_nothing(desk: Desk, scene: Scene) -> None:
    await desk.receive(scene.appeals_over())
    assert await desk.events(AwardGranted) == []
    assert await desk.count("parked") == 0


async def test_approval_by_scorer_or_foreign_officer_is_forbidden(desk: Desk, scene: Scene) -> None:
    assert (await desk.approve(scene, officer(name="ev-a"), 403))["code"] == "incompatible-step"
    listed = (await desk.ranking(scene))["list_hash"]
    assert (await desk.approve(scene, officer(DRAW), 403, list_hash=listed))["code"] == "foreign-region"


async def test_list_changed_since_it_was_read_is_not_approved(desk: Desk, scene: Scene) -> None:
    read = (await desk.ranking(scene))["list_hash"]
    await desk.receive(scene.withdrawn(4))
    assert (await desk.approve(scene, expect=409, list_hash=read))["code"] == "list-changed"
    await desk.approve(scene)


async def test_concurrent_approvals_have_one_effect(desk: Desk, scene: Scene) -> None:
    path, body = f"/calls/{scene.call_id}/ranking/approval", {"list_hash": (await desk.ranking(scene))["list_hash"]}
    headers = [{"Authorization": f"Bearer {desk.issuer.mint(officer(name=f'officer-{n}'))}"} for n in range(6)]
    answers = await asyncio.gather(*(desk.client.post(f"/api/evaluation{path}", headers=each, json=body) for each in headers))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already-approved"}
    assert len(await desk.events(RankingApproved)) == 1


async def test_withdrawal_during_approval_is_never_awarded(desk: Desk, scene: Scene) -> None:
    path, body = f"/calls/{scene.call_id}/ranking/approval", {"list_hash": (await desk.ranking(scene))["list_hash"]}
    headers = {"Authorization": f"Bearer {desk.issuer.mint(officer())}"}
    approval = desk.client.post(f"/api/evaluation{path}", headers=headers, json=body)
    answer, _ = await asyncio.gather(approval, desk.receive(scene.withdrawn(1)))
    if answer.status_code != 200:
        assert answer.json()["code"] == "list-changed"
        await desk.approve(scene)
    await desk.receive(scene.appeals_over())
    assert await desk.outcomes(scene) == {1: REFUSED, 2: GRANTED, 3: GRANTED, 4: RESERVE, 5: REFUSED}


async def test_concurrent_releases_grant_two_cases_once_each(desk: Desk, decided: Scene) -> None:
    await asyncio.gather(desk.receive(decided.released(1)), desk.receive(decided.released(2)))
    assert await desk.outcomes(decided) == {1: GRANTED, 2: GRANTED, 3: GRANTED, 4: GRANTED, 5: REFUSED}
    assert len(await desk.events(AwardGranted)) == 4


async def test_reserve_list_moves_up_in_strict_order(desk: Desk, decided: Scene) -> None:
    await desk.receive(decided.released(1, AWARD - 1))
    assert (await desk.outcomes(decided))[3] == RESERVE  # a cent too little: the head waits
    await desk.receive(decided.released(2, 1))
    assert await desk.outcomes(decided) == {1: GRANTED, 2: GRANTED, 3: GRANTED, 4: RESERVE, 5: REFUSED}
    event = (await desk.events(AwardGranted))[-1]
    assert (event.body["from_reserve"], event.reason, event.body["rank"]) == (True, "funds-free", 3)


async def test_release_delivered_twice_counts_once(desk: Desk, decided: Scene) -> None:
    await desk.receive(decided.released(1), twice=True)
    assert (await desk.outcomes(decided))[4] == RESERVE
    assert (await desk.ranking(decided))["granted_minor"] == 2 * AWARD


async def test_release_before_the_award_is_parked(desk: Desk, scene: Scene) -> None:
    await desk.receive(scene.released(1))
    assert await desk.count("parked") == 1


async def test_unfunded_case_is_first_on_the_reserve_list(desk: Desk, decided: Scene) -> None:
    await desk.receive(decided.not_funded(2))
    assert await desk.outcomes(decided) == {1: GRANTED, 2: RESERVE, 3: RESERVE, 4: RESERVE, 5: REFUSED}
    await desk.receive(decided.released(1))
    outcomes = await desk.outcomes(decided)
    assert (outcomes[2], outcomes[3]) == (GRANTED, GRANTED)  # its own share and the released one
    again = [each.body for each in await desk.events(AwardGranted) if each.body["application_id"] == str(decided.application(2))]
    assert [each["grant_number"] for each in again] == [1, 2]
    assert again[0]["award_id"] != again[1]["award_id"]
    assert [each["outcome"] for each in (await desk.case(decided, 2))["decisions"]] == [GRANTED, RESERVE, GRANTED]


async def test_unfunded_case_is_retried_if_funds_were_released_since(desk: Desk, decided: Scene) -> None:
    """Otherwise it waits: without new funds a second try could repeat without end."""
    await desk.receive(decided.released(1))  # the third moves up
    await desk.receive(decided.not_funded(2))
    assert (await desk.outcomes(decided))[2] == GRANTED
    await desk.receive(decided.not_funded(2, grant=2))  # nothing was released since: no second try
    assert (await desk.outcomes(decided))[2] == RESERVE


async def test_case_above_the_ceiling_is_refused_and_the_next_moves_up(desk: Desk, decided: Scene) -> None:
    """The ceiling of de minimis aid refuses one case alone: its money goes to the head of the reserve list, and it is not tried again."""
    await desk.receive(decided.not_funded(2, rule="de-minimis-ceiling"), twice=True)
    assert await desk.outcomes(decided) == {1: GRANTED, 2: REFUSED, 3: GRANTED, 4: RESERVE, 5: REFUSED}
    assert (await desk.case(decided, 2))["decision"]["rules"] == ["de-minimis-ceiling"]
    await desk.receive(decided.released(1))
    assert (await desk.outcomes(decided))[2] == REFUSED


async def test_end_of_reserve_list_refuses_waiting_cases(desk: Desk, decided: Scene) -> None:
    await desk.receive(decided.milestone(MilestoneKind.RESERVE_LIST_ENDS, RESERVE_ENDS.replace(month=RESERVE_ENDS.month - 1)))
    assert (await desk.outcomes(decided))[3] == RESERVE  # the timer of a date that was moved
    await desk.receive(decided.reserve_list_ends(), decided.released(1))
    assert await desk.outcomes(decided) == {1: GRANTED, 2: GRANTED, 3: REFUSED, 4: REFUSED, 5: REFUSED}
    assert (await desk.case(decided, 3))["decision"]["rules"] == ["reserve-list-ended"]
    await desk.receive(decided.not_funded(2))
    assert (await desk.case(decided, 2))["decision"]["rules"] == ["reserve-list-ended"]


async def test_decisions_after_reserve_list_end_grant_or_refuse(desk: Desk, scene: Scene) -> None:
    await desk.approve(scene)
    await desk.receive(scene.reserve_list_ends(), scene.appeals_over())
    assert await desk.outcomes(scene) == {1: GRANTED, 2: GRANTED, 3: REFUSED, 4: REFUSED, 5: REFUSED}
    assert (await desk.case(scene, 3))["decision"]["rules"] == ["envelope-exhausted"]


@pytest.mark.parametrize("stage", ["assigned", "evaluated", "approved", "decided"])
async def test_withdrawal_makes_room_at_every_stage(desk: Desk, stage: str) -> None:
    scene = Scene(envelope=AWARD)
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.eligible(3), scene.screened(1, 2, 3))
    await desk.evaluate(scene.application(2), 80, 80)
    await desk.evaluate(scene.application(3), 70, 70)
    if stage == "assigned":
        await desk.receive(scene.withdrawn(1))
        assert {each["state"] for each in await desk.assignments() if each["application_id"] == str(scene.application(1))} == {"void"}
    else:
        await desk.evaluate(scene.application(1), 90, 90)
    if stage == "evaluated":
        await desk.receive(scene.withdrawn(1))
    await desk.approve(scene)
    if stage == "approved":
        await desk.receive(scene.withdrawn(1))
    await desk.receive(scene.appeals_over())
    if stage == "decided":  # an award stays in force: its voucher ends, and its money is released
        await desk.receive(scene.withdrawn(1))
        assert (await desk.outcomes(scene))[1] == GRANTED
        await desk.receive(scene.released(1))
    else:
        assert (await desk.case(scene, 1))["decision"]["rules"] == ["withdrawn"]
    outcomes = await desk.outcomes(scene)
    assert (outcomes[2], outcomes[3]) == (GRANTED, RESERVE)


async def test_withdrawal_of_the_head_lets_a_smaller_request_through(desk: Desk) -> None:
    scene = Scene(envelope=AWARD + 100)
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.eligible(3, amount=100), scene.screened(1, 2, 3))
    for sequence, total in [(1, 90), (2, 80), (3, 70)]:
        await desk.evaluate(scene.application(sequence), total, total)
    await desk.approve(scene)
    await desk.receive(scene.appeals_over())
    assert await desk.outcomes(scene) == {1: GRANTED, 2: RESERVE, 3: RESERVE}
    await desk.receive(scene.withdrawn(2))
    assert await desk.outcomes(scene) == {1: GRANTED, 2: REFUSED, 3: GRANTED}


async def test_withdrawn_award_that_was_not_funded_is_refused(desk: Desk, decided: Scene) -> None:
    await desk.receive(decided.withdrawn(2), decided.not_funded(2))
    assert (await desk.case(decided, 2))["decision"]["rules"] == ["withdrawn"]


async def test_ranking_shows_the_agreement_of_the_evaluators(desk: Desk, scene: Scene) -> None:
    statistics = (await desk.ranking(scene))["statistics"]
    assert (statistics["icc"], statistics["alpha"]) == (1, 1)
    assert {each["evaluator_id"]: each["severity"] for each in statistics["evaluators"]} == dict.fromkeys(TEAM, 0)


async def test_call_without_eligible_cases_can_be_decided(desk: Desk) -> None:
    scene = Scene()
    await desk.receive(scene.published(), scene.screened())
    assert (await desk.approve(scene))["entries"] == []
    await desk.receive(scene.appeals_over())
    assert (await desk.ranking(scene))["state"] == "decided"
