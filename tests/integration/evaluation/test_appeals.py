"""Appeals: within the term, decided by who took no part, holding the decisions back; an upheld one has the case scored again."""

from datetime import timedelta

import pytest
import pytest_asyncio

from services.evaluation.tables import AppealRow, RevisedRankingRow
from shared.contracts.evaluation import AwardGranted, RankingApproved, RankingRevised
from tests.integration.evaluation.conftest import Desk, applicant, sheet
from tests.support.evaluation import Scene, officer

TEAM = ("ev-a", "ev-b", "ev-c", "ev-d")


@pytest_asyncio.fixture
async def scene(desk: Desk) -> Scene:
    """Three cases of 90, 80 and 70 points on an approved list; the envelope holds two."""
    scene = Scene()
    await desk.register(*TEAM)
    await desk.receive(scene.published(), *(scene.eligible(n) for n in (1, 2, 3)), scene.screened(1, 2, 3))
    for sequence, total in ((1, 90), (2, 80), (3, 70)):
        await desk.evaluate(scene.application(sequence), total, total)
    await desk.approve(scene)
    return scene


async def test_appeal_is_lodged_by_the_applicant_within_the_term(desk: Desk, scene: Scene) -> None:
    result = await desk.result(scene, 3)
    assert (result["listed_as"], result["rank"], result["may_appeal"]) == ("reserve", 3, True)
    assert (result["total_hundredths"], result["decisions"], bool(result["criteria"])) == (7_000, [], True)
    assert sum(one["hundredths"] for one in result["criteria"]) == result["total_hundredths"]  # what an objection can name
    stranger = applicant(scene, 2)
    path = f"/cases/{scene.application(3)}/appeal"
    assert (await desk.request(stranger, "POST", path, 403, json={"grounds": "Mine."}))["code"] == "not-owner"
    asked = {"application_id": [str(scene.application(n)) for n in (1, 2, 3)]}
    [open_] = await desk.request(applicant(scene, 3), "GET", "/open-appeals", params=asked)
    assert (open_["listed_as"], open_["appeal_until"]) == ("reserve", result["appeal_until"])
    assert [one["listed_as"] for one in await desk.request(stranger, "GET", "/open-appeals", params=asked)] == ["granted"]
    lodged = await desk.appeal(scene, 3)
    assert await desk.request(applicant(scene, 3), "GET", "/open-appeals", params=asked) == []
    assert (await desk.appeal(scene, 3))["id"] == lodged["id"]  # sent twice: harmless
    assert (await desk.request(officer(), "GET", "/desk"))["appeals"]["count"] == 1
    assert (await desk.appeal(scene, 3, 409, grounds="Other words."))["code"] == "appeal-lodged"
    desk.clock.instant += timedelta(days=30)
    assert (await desk.appeal(scene, 2, 409))["code"] == "appeal-too-late"
    assert (await desk.result(scene, 2))["may_appeal"] is False
    assert await desk.request(stranger, "GET", "/open-appeals", params=asked) == []


@pytest.mark.parametrize("by", ["officer-1", "ev-a", "applicant-3"])
async def test_who_took_part_decides_no_appeal(desk: Desk, scene: Scene, by: str) -> None:
    """The approver of the list, an evaluator of the call, a person of the applicant."""
    lodged = await desk.appeal(scene, 3)
    assert (await desk.decide(lodged, 403, by=by))["code"] == "incompatible-step"


async def test_decisions_wait_for_the_last_appeal(desk: Desk, scene: Scene) -> None:
    lodged = await desk.appeal(scene, 3)
    await desk.receive(scene.appeals_over())
    assert await desk.outcomes(scene) == {1: "evaluated", 2: "evaluated", 3: "evaluated"}
    assert (await desk.ranking(scene))["state"] == "approved"
    assert (await desk.decide(lodged))["state"] == "dismissed"
    assert (await desk.decide(lodged))["state"] == "dismissed"  # sent twice: harmless
    assert (await desk.decide(lodged, 409, rescoring="same-evaluators"))["code"] == "appeal-decided"
    assert await desk.outcomes(scene) == {1: "granted", 2: "granted", 3: "reserve"}
    assert {event.actor for event in await desk.events(AwardGranted)} == {"system"}


@pytest.mark.parametrize("rescoring", ["same-evaluators", "other-evaluators"])
async def test_upheld_appeal_puts_another_list_in_force(desk: Desk, scene: Scene, rescoring: str) -> None:
    before = {each["evaluator_id"] for each in (await desk.case(scene, 3))["assignments"]}
    lodged = await desk.appeal(scene, 3)
    await desk.receive(scene.appeals_over())
    assert (await desk.approve(scene, expect=409))["code"] == "already-approved"
    await desk.decide(lodged, rescoring=rescoring)
    assert (await desk.ranking(scene))["state"] == "revising"
    assert (await desk.approve(scene, expect=409))["code"] == "list-not-complete"
    again = [each for each in (await desk.case(scene, 3))["assignments"] if each["state"] in ("assigned", "declared")]
    assert ({each["evaluator_id"] for each in again} == before) is (rescoring == "same-evaluators")
    for each in again:
        await desk.declare(each)
        await desk.score(each, sheet(90))
    proposed = await desk.ranking(scene)
    difference = {each["application_id"]: (each["listed_as"], each["proposed"]) for each in proposed["entries"]}
    assert difference[str(scene.application(2))] == ("granted", "reserve")
    assert (await desk.approve(scene, officer(name="reviewer-1"), 403))["code"] == "incompatible-step"
    assert (await desk.approve(scene))["state"] == "decided"
    assert await desk.outcomes(scene) == {1: "granted", 2: "reserve", 3: "granted"}
    [first], [revised] = await desk.events(RankingApproved), await desk.events(RankingRevised)
    assert (revised.body["seed"], revised.body["number"]) == (first.body["seed"], 2)
    [row] = await desk.rows(AppealRow)
    assert (row.state, len(await desk.rows(RevisedRankingRow))) == ("settled", 1)
    assert [each["total_points"] for each in (await desk.case(scene, 3))["set_aside"]] == [70, 70]


async def test_appeal_ends_with_its_application(desk: Desk, scene: Scene) -> None:
    await desk.appeal(scene, 3)
    await desk.receive(scene.appeals_over(), scene.withdrawn(3))
    assert [row.state for row in await desk.rows(AppealRow)] == ["withdrawn"]
    assert await desk.outcomes(scene) == {1: "granted", 2: "granted", 3: "refused"}
