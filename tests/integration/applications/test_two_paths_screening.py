"""Screenings are decided alike among many and alone: each condition that the statements about many repeat has a case on either side."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
import pytest_asyncio

from shared.identity.actor import Actor, Role, grants
from shared.identity.duties import Duty
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from shared.policy.resolver import PolicyBook
from shared.policy.sections import Rule
from tests.integration.applications.conftest import Desk, FreshDatabase
from tests.integration.applications.two_paths import ANY_NUMBER, BEFORE, Ask, Scene, assert_agree, both_paths, erase
from tests.integration.applications.two_step import OFFICER as OFFICER_THERE
from tests.integration.applications.two_step import definition_of, draft, firm, form_of, publish
from tests.support.applications import BOOK, HERE, OFFICER, SECOND_OFFICER
from tests.support.identity import Issuer
from tests.support.milestones import milestone

CLOSES = datetime(2026, 12, 19, 11, tzinfo=UTC)
SHORT = {**ANY_NUMBER, "closes_at": "2026-12-19T12:00:00"}
LARGE, ELSEWHERE = {"firm__staff": 300}, {"applicant__activity_code": "01.11"}
FAULTY = Rule(
    id="faulty", expression="staff == 4 || staff == 300 || 100 / public_control_bp > 0", message="It cannot be judged.", field="staff"
)


@pytest_asyncio.fixture
async def paths(fresh_database: FreshDatabase, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Desk, Desk]]:
    async with both_paths(fresh_database, issuer, monkeypatch) as desks:
        yield desks


def officer(name: str, region: str = HERE) -> Actor:
    return Actor(name, grants({Role.OFFICER}, {region}))


def use_faulty_rule(desk: Desk) -> None:
    """In every policy of the scheme."""
    rules = {one.id: one.eligibility.model_copy(update={"rules": (*one.eligibility.rules, FAULTY)}) for one in BOOK.all()}
    changed = [one.model_copy(update={"eligibility": rules[one.id]}) if one.region == HERE else one for one in BOOK.all()]
    desk.policies = desk.inbox.policies = desk.app.state.policies = PolicyBook(changed, BOOK.forms)


async def overruled(scene: Scene, title: str, outcome: str = "") -> tuple[str, UUID]:
    """A firm that is too large, which an officer thinks it is not; `outcome`: what another one decided."""
    found = await scene.submitted(title, "open", **LARGE)
    body = {"rule": "sme-size", "passed": True, "words": "The accounts of last year are the last closed ones."}
    proposed = await scene.desk.request(OFFICER, "POST", f"/applications/{found[0]}/overrules", 201, json=body)
    if outcome:
        await scene.desk.request(SECOND_OFFICER, "POST", f"/overrules/{proposed['id']}/{outcome}")
    return found


async def screenings(scene: Scene) -> None:
    desk = scene.desk
    use_faulty_rule(desk)
    await scene.call("open", **ANY_NUMBER)
    await scene.call("ties-count")
    await scene.call("over", **SHORT)
    earlier_counts = definition_of("smv-digital", "earlier-counts", "2026-12-15", "2027-01-15", "2027-03-01")
    scene.calls["earlier-counts"] = (await publish(desk, earlier_counts))["id"]
    desk.clock.instant = BEFORE
    for prepare in (of_states, of_overrules, of_acts, of_policies_and_calls):
        await prepare(scene)


def asked_to(
    scene: Scene, name: str, case: tuple[str, UUID], code: str = "", together: bool | None = None, by: Actor = OFFICER, waits: bool = False
) -> None:
    together = not code if together is None else together
    scene.asks.append(Ask(name, by, f"/applications/{case[0]}/screening", code, together, waits))


async def of_states(scene: Scene) -> None:
    desk, ask = scene.desk, partial(asked_to, scene)
    ask("eligible", await scene.submitted("eligible", "open"))
    ask("by another officer", await scene.submitted("by another officer", "open"), by=SECOND_OFFICER)
    ask("not eligible", await scene.submitted("not eligible", "open", **ELSEWHERE))
    ask("draft", await scene.draft("draft", "open"), "wrong-state")
    returned = await scene.submitted("returned", "open")
    await desk.return_for(returned[0], ["project.summary"])
    ask("returned", returned, "wrong-state")
    corrected = await scene.submitted("corrected", "open")
    await desk.return_for(corrected[0], ["project.summary"])
    await desk.submit(*corrected)
    ask("corrected", corrected)
    withdrawn = await scene.submitted("withdrawn", "open")
    await desk.withdraw(*withdrawn)
    ask("withdrawn", withdrawn, "wrong-state")
    for name, answers in (("eligible before", {}), ("not eligible before", ELSEWHERE)):
        screened = await scene.submitted(name, "open", **answers)
        await desk.screen(screened[0])
        ask(name, screened, together=False)
    ask("unknown", (str(new_id()), UUID(int=1)), "unknown-application")
    twice = await scene.submitted("twice", "open")
    ask("once", twice)
    ask("twice", twice, together=False)
    ask("of another region", await scene.submitted("of another region", "open"), "foreign-region", by=officer("abroad", "be-kortrijk"))
    ask("cannot be judged", await scene.submitted("cannot be judged", "open", firm__staff=5), "rule-at-fault")


async def of_overrules(scene: Scene) -> None:
    ask = partial(asked_to, scene)
    ask("overrule waits", await overruled(scene, "overrule waits"), "overrule-waits")
    ask("overruled", await overruled(scene, "overruled", "confirmation"), together=False, by=officer("officer-3"))
    ask("overrule refused", await overruled(scene, "overrule refused", "refusal"), by=officer("officer-3"))
    again = await overruled(scene, "overruled before")
    await scene.desk.return_for(again[0], ["project.summary"])
    await scene.desk.submit(*again)
    ask("overruled before", again, by=officer("officer-3"))


async def of_acts(scene: Scene) -> None:
    here, elsewhere = scene.calls["open"], scene.calls["over"]
    for name, duty, about, code in (
        ("imported it", Duty.IMPORT, ("", here), "incompatible-step"),
        ("imported another", Duty.IMPORT, (new_id(), here), ""),
        ("registered evaluators", Duty.REGISTER_EVALUATOR, (here, None), "incompatible-step"),
        ("registered one in the call", Duty.REGISTER_EVALUATOR, (new_id(), here), "incompatible-step"),
        ("registered one elsewhere", Duty.REGISTER_EVALUATOR, (new_id(), elsewhere), ""),
    ):
        case = await scene.submitted(name, "open")
        await scene.part(name, duty, about[0] or case[0], about[1])
        asked_to(scene, name, case, code, by=officer(name))


async def of_policies_and_calls(scene: Scene) -> None:
    desk, ask = scene.desk, partial(asked_to, scene)
    ask("ties count", await scene.submitted("ties count", "ties-count"), together=False)
    there = scene.firm()
    made = await draft(desk, firm(there), scene.calls["earlier-counts"], form_of("smv-digital", project__title="earlier counts"))
    await desk.request(firm(there), "POST", f"/applications/{made['id']}/submission")
    ask("earlier counts", (made["id"], there), together=False, by=OFFICER_THERE)
    erased = await scene.submitted("erased", "open")
    await erase(scene, erased[1])
    ask("erased", erased, "subject-erased")

    for name in ("last but one", "last"):
        ask(name, await scene.submitted(name, "over"), together=False)
    locked = await scene.submitted("its row is locked", "open")
    scene.held.append(f"SELECT FROM applications WHERE id = '{locked[0]}' FOR NO KEY UPDATE")
    ask("its row is locked", locked, together=False, waits=True)
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, scene.calls["over"], CLOSES))


async def test_screenings_are_decided_alike(paths: tuple[Desk, Desk]) -> None:
    await assert_agree(paths, "screenings", screenings)
