"""The rows "Evaluation" of the cases of the rules, on a database: conflicts found late, silent evaluators, money that is left."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.evaluation.queries.tasks import waiting_tasks
from services.evaluation.tables import RevisedRankingRow, SetAsideSheetRow
from shared.contracts.applications import ApplicantMemberRecorded
from shared.contracts.evaluation import AwardGranted, AwardRefused, RankingRevised
from shared.identity.actor import SYSTEM
from shared.kernel.vocabulary import MilestoneKind
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.integration.evaluation.conftest import Desk, applicant, sheet
from tests.support.evaluation import AWARD, BOOK, START, Scene, officer
from tests.support.policies import MONEY, policy_named

TEAM = tuple(str(UUID(int=number)) for number in range(1, 6))


class Under(Scene):
    """A call under another policy of its region."""

    other: Policy

    @property
    def policy(self) -> Policy:
        return self.other


def under(desk: Desk, policy: Policy, envelope: int = 2 * AWARD) -> Scene:
    """The policy of the desk's region is this one from now on."""
    scene = Under(envelope=envelope)
    scene.other = policy
    book = PolicyBook([policy, *(one for one in BOOK.all() if one.region != policy.region)])
    desk.app.state.policies = desk.inbox.policies = desk.policies = book
    return scene


async def scored(desk: Desk, *totals: tuple[int, ...], amounts: tuple[int, ...] = (), scene: Scene | None = None) -> Scene:
    """A call with a case for each group of totals; the first one's tax number is EL111111111."""
    scene = scene or Scene()
    await desk.register(*TEAM)
    numbers = range(1, len(totals) + 1)
    asked = amounts or tuple(AWARD for _ in totals)
    cases = [scene.eligible(number, asked[number - 1], tax_number="EL111111111" if number == 1 else "") for number in numbers]
    await desk.receive(scene.published(), *cases, scene.screened(*numbers))
    for number, sheets in zip(numbers, totals, strict=True):
        await desk.evaluate(scene.application(number), *sheets)
    return scene


async def make_tied(desk: Desk, scene: Scene, evaluator: str, how: str) -> None:
    """By a change of the evaluator's relations, of an applicant's data, or because they joined the organisation of an applicant."""
    if how == "data":
        await desk.register(evaluator, expect=200, relations=[{"kind": "tax-number", "value": "EL 333 333 333"}])
        assert (await desk.ranking(scene))["state"] == "ready", "not tied yet"
        await desk.receive(scene.eligible(1, tax_number="EL333333333"))
    elif how == "relation":
        await desk.register(evaluator, expect=200, relations=[{"kind": "tax-number", "value": "EL 111 111 111"}])
    else:
        case = scene.of_case(1)
        event = ApplicantMemberRecorded(
            **case,  # type: ignore[arg-type]
            organisation_id=scene.application(1), person_id=UUID(evaluator), policy_id=scene.policy.id,
        )  # fmt: skip
        await desk.receive(event)


@pytest.mark.parametrize("how", ["relation", "membership", "data"])
async def test_conflict_found_after_scoring_ends_all_of_the_call(desk: Desk, how: str) -> None:
    """Also sheets of rivals, the third one among them; nothing is approved meanwhile, and they get no seat of the call again."""
    scene = await scored(desk, (90, 50, 80), (70, 70))
    third = next(one for one in (await desk.case(scene, 1))["assignments"] if one["seat"] == 3)["evaluator_id"]
    before = [one for one in await desk.assignments() if one["evaluator_id"] == third]
    await make_tied(desk, scene, third, how)
    now = {one["id"]: one for one in await desk.assignments()}
    assert {now[one["id"]]["state"] for one in before} == {"recused"}
    assert {now[one["id"]]["ended_for"] for one in before} == {"conflict-found"}
    assert len(await desk.rows(SetAsideSheetRow)) == len(before)
    assert (await desk.ranking(scene))["state"] == "waiting"
    assert (await desk.approve(scene, expect=409))["code"] == "list-not-complete"
    open_ones = [one for one in now.values() if one["state"] == "assigned"]
    assert len(open_ones) == len(before)
    assert third not in {one["evaluator_id"] for one in open_ones}
    ranked = await desk.request(officer(name="manager-1"), "GET", f"/cases/{scene.application(2)}/candidates")
    barred = next(one for one in ranked if one["evaluator_id"] == third)["barred_by"]
    assert set(barred) & {"tied-to-call", "took-other-step"}


async def test_application_after_assignments_bars_its_evaluator(desk: Desk) -> None:
    """By its own firm, which applies later in the call than the first cases were assigned."""
    scene = Scene()
    await desk.register("own-firm", relations=[{"kind": "tax-number", "value": "222222222"}])
    await desk.register(TEAM[0])
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    assert {one["evaluator_id"] for one in await desk.assignments(state="assigned")} == {"own-firm", TEAM[0]}
    await desk.register(*TEAM[1:])
    await desk.receive(scene.eligible(2, tax_number="EL222222222"), scene.screened(1, 2))
    states = {one["evaluator_id"]: one["state"] for one in await desk.assignments()}
    assert states.pop("own-firm") == "recused"
    assert set(states.values()) == {"assigned"}
    assert len(await desk.assignments(state="assigned")) == 4, "two for each"


@pytest.mark.parametrize("by", ["machine", "officer", "evaluator"])
async def test_conflict_after_the_approval_revises_the_list(desk: Desk, by: str) -> None:
    scene = await scored(desk, (90, 90), (80, 80), (70, 70))
    await desk.approve(scene)
    one = (await desk.case(scene, 2))["assignments"][0]
    if by == "machine":
        await make_tied(desk, scene, one["evaluator_id"], "relation")
    elif by == "officer":
        path, body = f"/assignments/{one['id']}/replacement", {"why": "conflict-found", "kind": "employer", "reason": "They share one."}
        await desk.request(officer(name="manager-1"), "POST", path, json=body)
    else:
        await desk.declare(one, conflict=True, kind="employer")
        await desk.declare(one, conflict=True, kind="employer")  # once more: harmless
    await desk.receive(scene.appeals_over())
    assert await desk.events(AwardGranted) == []
    shown = await desk.ranking(scene)
    assert (shown["state"], shown["conflict_found_at"] is None) == ("revising", False)
    assert (await desk.approve(scene, expect=409))["code"] == "list-not-complete"
    for open_one in await desk.assignments(state="assigned"):
        await desk.declare(open_one)
        await desk.score(open_one, sheet(60 if open_one["application_id"] == str(scene.application(2)) else 90))
    assert (await desk.approve(scene))["state"] == "decided"
    [revised], [event] = await desk.rows(RevisedRankingRow), await desk.events(RankingRevised)
    assert (revised.number, event.reason) == (2, "conflict-found")
    assert len(await desk.events(AwardGranted)) == 2
    granted = next(one for one in (await desk.case(scene, 1))["assignments"] if one["state"] == "scored")
    assert (await desk.declare(granted, 409, conflict=True, kind="employer"))["code"] == "already-scored", "the decisions have gone out"


async def test_silent_evaluator_becomes_a_task_of_the_officer(desk: Desk) -> None:
    """Greece from December 2026: reminded three days before the date, an officer's task three days after it."""
    rules = policy_named(BOOK, MONEY[Scene().region], date(2026, 12, 1))
    scene = under(desk, rules.model_copy(update={"effective_from": Scene().policy.effective_from}))
    await desk.register(*TEAM)
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    silent = (await desk.assignments())[0]
    due = START.fromisoformat(silent["due_at"])
    found = []
    for after in (-timedelta(days=3, minutes=1), -timedelta(days=3), timedelta(days=3) - timedelta(minutes=1), timedelta(days=3)):
        desk.clock.instant = due + after
        tasks = await desk.run(waiting_tasks, SYSTEM, scene.region)
        found.append([(one.kind, one.count) for one in tasks if one.kind in ("sheets-due", "late-evaluators")])
    assert found == [[], [("sheets-due", 1)] * 2, [("sheets-due", 1)] * 2, [("late-evaluators", 2), *[("sheets-due", 1)] * 2]]
    late = (await desk.assignments(late=True))[0]
    assert (await desk.request(officer(), "GET", "/desk"))["late"]["count"] == 2
    path = f"/assignments/{late['id']}/replacement"
    body = {"why": "replaced", "reason": "No answer since the date."}
    assert (await desk.request(officer(name="manager-1"), "POST", path, json=body))["ended_for"] == "replaced"


async def test_money_that_is_left_stands_at_the_desk(desk: Desk) -> None:
    """10,000 left, asked 6,000, 9,000 and 3,000: under the rule of the pinned policy, 4,000 stay, and the officer sees it."""
    scene = await scored(
        desk, (90, 90), (80, 80), (70, 70), (50, 50), amounts=(600_000, 900_000, 300_000, 100_000), scene=Scene(envelope=1_000_000)
    )
    shown = await desk.ranking(scene)
    assert (shown["when_short"], shown["free_minor"], shown["waiting"], shown["next_minor"]) == ("wait", 400_000, 2, 900_000)
    await desk.approve(scene)
    await desk.receive(scene.appeals_over())
    assert (await desk.request(officer(), "GET", "/desk"))["unspent"]["count"] == 1
    shown = await desk.ranking(scene)
    assert (shown["free_minor"], shown["waiting"], shown["next_minor"]) == (400_000, 2, 900_000)
    result = await desk.result(scene, 4)
    assert (result["total_hundredths"], result["cut_off_hundredths"], result["missing_hundredths"]) == (5_000, 9_000, 4_000)
    assert result["criteria"]
    assert result["failed_rules"] == ["below-threshold"]
    [refused] = await desk.events(AwardRefused)
    assert (refused.body["total_hundredths"], refused.body["cut_off_hundredths"]) == (5_000, 9_000)
    assert (await desk.result(scene, 1))["missing_hundredths"] is None


@pytest.mark.parametrize(("rule", "awards"), [("skip", {1: 600_000, 3: 300_000}), ("partial", {1: 600_000, 2: 400_000})])
async def test_policy_gives_the_rest_to_the_next_or_as_a_part(desk: Desk, rule: str, awards: dict[int, int]) -> None:
    usual = Scene().policy
    policy = usual.model_copy(update={"selection": usual.selection.model_copy(update={"when_short": rule})})
    scene = under(desk, policy, envelope=1_000_000)
    await scored(desk, (90, 90), (80, 80), (70, 70), amounts=(600_000, 900_000, 300_000), scene=scene)
    await desk.approve(scene)
    await desk.receive(scene.appeals_over())
    granted = {event.body["application_id"]: event.body["amount_minor"] for event in await desk.events(AwardGranted)}
    assert granted == {str(scene.application(number)): amount for number, amount in awards.items()}
    if rule == "partial":
        result = await desk.result(scene, 2)
        assert (result["amount_minor"], result["decisions"][-1]["amount_minor"]) == (900_000, 400_000)
        await desk.receive(scene.released(2, 400_000))  # the offer was declined: the next one that fits
        assert await desk.outcomes(scene) == {1: "granted", 2: "granted", 3: "granted"}


async def test_appeals_of_two_on_the_last_day_each_hold_the_decisions(desk: Desk) -> None:
    scene = await scored(desk, (90, 90), (80, 80), (70, 70))
    until = START.fromisoformat((await desk.approve(scene))["appeal_until"])
    desk.clock.instant = until - timedelta(seconds=1)
    first, second = await desk.appeal(scene, 3), await desk.appeal(scene, 2)
    desk.clock.instant = until
    assert (await desk.appeal(scene, 1, 409))["code"] == "appeal-too-late"
    await desk.receive(scene.milestone(MilestoneKind.APPEALS_OVER, until))
    await desk.decide(first)
    assert await desk.events(AwardGranted) == []
    await desk.decide(second, rescoring="same-evaluators")
    assert await desk.events(AwardGranted) == []
    for one in await desk.assignments(state="declared"):
        await desk.score(one, sheet(60))
    proposed = {one["application_id"]: (one["listed_as"], one["proposed"]) for one in (await desk.ranking(scene))["entries"]}
    assert proposed[str(scene.application(2))] == ("granted", "reserve")
    await desk.approve(scene)
    assert await desk.outcomes(scene) == {1: "granted", 2: "reserve", 3: "granted"}
    assert applicant(scene, 1).id
