"""Drafts, submissions and screenings are decided alike among many and alone: each condition that a statement about many repeats has a case
on either side of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.applications.commands.submit_application import submit_application
from services.applications.domain.form import read_form
from services.applications.locks import read_call
from services.applications.steps.drafts import add_draft
from shared.contracts.people import MemberJoined, MemberLeft
from shared.identity.actor import Actor, Role, grants
from shared.identity.duties import Duty
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context
from shared.web.idempotency import IdempotencyRow
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from tests.integration.applications.conftest import Desk, FreshDatabase, wait_for_lock_queue
from tests.integration.applications.two_paths import (
    ANY_NUMBER,
    BEFORE,
    HERE_NOW,
    NOW,
    Ask,
    Scene,
    answers_with,
    assert_agree,
    both_paths,
    erase,
)
from tests.integration.applications.two_step import (
    FULL,
    FULL_CALL,
    INTEREST_CALL,
    chosen,
    express,
    form_of,
    publish,
)
from tests.integration.applications.two_step import (
    draft as draft_there,
)
from tests.integration.applications.two_step import (
    firm as person_there,
)
from tests.support.applications import OFFICER, applicant
from tests.support.identity import Issuer

ELSEWHERE = grants({Role.APPLICANT}, {"be-kortrijk"})
NUMBER = "12345678903"


@pytest_asyncio.fixture
async def paths(fresh_database: FreshDatabase, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Desk, Desk]]:
    async with both_paths(fresh_database, issuer, monkeypatch) as desks:
        yield desks


async def publish_calls(scene: Scene) -> None:
    """One call for each side of each moment."""
    await scene.call("main")
    await scene.call("side")
    await scene.call("any-number", **ANY_NUMBER)
    await scene.call("not-begun", opens_at="2027-01-02T10:00:00")
    await scene.call("begins-now", opens_at=HERE_NOW)
    await scene.call("ends-now", closes_at=HERE_NOW)
    await scene.call("closed-early")
    await scene.call("of-a-faster-clock")
    extended = await scene.call("extended", closes_at="2026-12-19T12:00:00")
    await publish_by_invitation(scene)
    scene.desk.clock.instant = BEFORE
    body = {"closes_at": "2027-01-10T12:00:00+01:00", "reason": "portal-outage"}
    await scene.desk.request(OFFICER, "POST", f"/calls/{extended}/extension", json=body)


async def change_calls(scene: Scene) -> None:
    """A call is closed although its end is ahead; in another one a process with a faster clock has given the last number."""
    async with scene.desk.sessions.begin() as session:
        await session.execute(text("UPDATE calls SET state = 'closed' WHERE slug = 'closed-early'"))
        faster = text("UPDATE calls SET last_submitted_at = CAST(:at AS timestamptz) WHERE slug = 'of-a-faster-clock'")
        await session.execute(faster, {"at": NOW + timedelta(minutes=1)})


def submission(name: str, draft: tuple[str, UUID], code: str = "", together: bool | None = None, actor: Actor | None = None) -> Ask:
    identity, firm = draft
    return Ask(name, actor or applicant(firm), f"/applications/{identity}/submission", code, not code if together is None else together)


async def submissions(scene: Scene) -> None:
    await publish_calls(scene)
    for slug in ("alone-1", "alone-2", "alone-3", "alone-4"):  # of each call one is accepted that is not taken along: its number is certain
        await scene.call(slug)
    for prepare in (of_states, of_other_applications, of_own_acts, of_numbers, of_times, of_origins, of_locks):
        await prepare(scene)


async def of_states(scene: Scene) -> None:
    desk, ask = scene.desk, scene.asks.append
    for name in ("complete", "also complete"):
        ask(submission(name, await scene.draft(name, "main")))
    offered = await scene.draft("with a file", "main")
    await desk.give(*offered)
    ask(Ask("with a file", applicant(offered[1]), f"/applications/{offered[0]}/submission", varies=("digest",)))
    ask(submission("incomplete", await scene.draft("incomplete", "main", costs__requested_minor=None), "incomplete"))
    foreign = await scene.draft("of another", "main")
    ask(submission("of another", foreign, "not-owner", actor=applicant(scene.firm())))
    abroad = await scene.draft("of another region", "main")
    ask(submission("of another region", abroad, "foreign-region", actor=Actor("abroad", ELSEWHERE, abroad[1])))
    ask(submission("unknown", (str(new_id()), scene.firm()), "unknown-application"))
    ask(submission("submitted before", await scene.submitted("submitted before", "side"), together=False))
    twice = await scene.draft("twice", "main")
    ask(submission("once", twice))
    ask(submission("twice", twice, together=False))
    returned = await scene.submitted("returned", "side")
    await desk.return_for(returned[0], ["project.summary"])
    ask(submission("returned", returned, together=False))
    withdrawn = await scene.draft("withdrawn", "main")
    await desk.withdraw(*withdrawn)
    ask(submission("withdrawn", withdrawn, "wrong-state"))


async def of_other_applications(scene: Scene) -> None:
    desk, ask = scene.desk, scene.asks.append
    first = await scene.draft("first of two", "main")
    ask(submission("first of two", first))
    ask(submission("second of two", await scene.draft("second of two", "main", first[1]), "live-application-exists"))
    first = await scene.draft("first where any number may", "any-number")
    ask(submission("first where any number may", first))
    second = await scene.draft("second where any number may", "any-number", first[1])
    ask(submission("second where any number may", second, "live-application-exists"))
    _, firm = await scene.submitted("live elsewhere", "side")
    ask(submission("another project", await scene.draft("another project", "alone-1", firm), together=False))
    _, firm = await scene.submitted("the same project", "side")
    ask(submission("the same project", await scene.draft("the same project", "main", firm), "duplicate-application"))
    _, firm = await scene.submitted("live here", "main")
    ask(submission("live here", await scene.draft("live here, another", "main", firm), "live-application-exists"))
    given_up = await scene.submitted("given up", "main")
    await desk.withdraw(*given_up)
    ask(submission("given up before", await scene.draft("given up before", "main", given_up[1])))
    not_eligible = await scene.submitted("not eligible", "main", applicant__activity_code="01.11")
    assert (await desk.screen(not_eligible[0]))["state"] == "ineligible"
    ask(submission("not eligible before", await scene.draft("not eligible before", "main", not_eligible[1])))


def acts_in_calls(scene: Scene) -> tuple[tuple[str, Duty, tuple[UUID | str, UUID | None], str], ...]:
    """What the applicant did there as somebody of the agency, what it is about, and how an application to "main" is then refused."""
    main, side = scene.calls["main"], scene.calls["side"]
    return (
        ("published the call", Duty.PUBLISH_CALL, (main, None), "incompatible-step"),
        ("screens in the call", Duty.SCREEN, (new_id(), main), "incompatible-step"),
        ("screens elsewhere", Duty.SCREEN, (new_id(), side), ""),
    )


async def of_own_acts(scene: Scene) -> None:
    for name, duty, about, code in (
        *acts_in_calls(scene),
        ("confirmed its account", Duty.CONFIRM_ACCOUNT, ("", None), "incompatible-step"),
        ("confirmed another account", Duty.CONFIRM_ACCOUNT, (new_id(), scene.calls["main"]), ""),
    ):
        draft = await scene.draft(name, "main")
        await scene.part(applicant(draft[1]).id, duty, about[0] or draft[0], about[1])
        scene.asks.append(submission(name, draft, code))


async def of_numbers(scene: Scene) -> None:
    ask = scene.asks.append
    await scene.submitted("has the number", "main", applicant__tax_number=NUMBER)
    same = {"applicant__tax_number": f"HR {NUMBER}"}
    ask(submission("the number again", await scene.draft("the number again", "main", **same), "tax-number-in-call"))
    ask(submission("the number in another call", await scene.draft("the number in another call", "alone-2", **same)))
    other = {"applicant__tax_number": "98765432106"}
    ask(submission("first of a number", await scene.draft("first of a number", "main", **other)))
    ask(submission("second of a number", await scene.draft("second of a number", "main", **other), "tax-number-in-call"))
    await scene.submitted("has a number that any has", "any-number", **other)
    for name in ("a number that any has", "and once more"):
        ask(submission(name, await scene.draft(name, "any-number", **other)))


async def of_times(scene: Scene) -> None:
    ask = scene.asks.append
    for slug, code in (("not-begun", "not-open-yet"), ("begins-now", ""), ("ends-now", "deadline-passed"), ("extended", "")):
        ask(submission(slug, await scene.draft(slug, slug), code))
    ask(submission("of a faster clock", await scene.draft("of a faster clock", "of-a-faster-clock")))
    ask(submission("closed early", await scene.draft("closed early", "closed-early"), "deadline-passed"))
    await change_calls(scene)


async def of_origins(scene: Scene) -> None:
    """Carried from an earlier round, on an invitation, and of an organisation whose data was erased."""
    desk, ask = scene.desk, scene.asks.append
    erased = await scene.draft("erased", "main")
    await erase(scene, erased[1])
    ask(submission("erased", erased, "incomplete"))
    earlier, firm = await scene.submitted("carried from", "side")
    await desk.withdraw(earlier, firm)
    carried = await crafted_draft(scene, "alone-2", firm, answers_with(firm, "carried", scene.forms["alone-2"]), carried_from=earlier)
    ask(submission("carried", carried, together=False))
    firm = await invited(scene)
    begun = await draft_there(desk, person_there(firm), scene.calls["full"], form_of(FULL, project__title="invited"))
    ask(submission("invited", (begun["id"], firm), together=False, actor=person_there(firm)))
    firm = scene.firm()
    own = fictional_tax_number("DK", SeededRandom(str(firm)))
    without = await crafted_draft(scene, "full", firm, form_of(FULL, project__title="not invited", applicant__tax_number=own))
    ask(submission("not invited", without, "not-invited", actor=person_there(firm)))


async def of_locks(scene: Scene) -> None:
    locked, of_locked = await scene.draft("its row is locked", "alone-3"), await scene.draft("its firm is locked", "alone-4")
    scene.held += [
        f"SELECT FROM applications WHERE id = '{locked[0]}' FOR NO KEY UPDATE",
        f"SELECT pg_advisory_xact_lock(hashtextextended('{of_locked[1]}', 0))",
    ]
    for name, draft in (("its row is locked", locked), ("its firm is locked", of_locked)):
        scene.asks.append(Ask(name, applicant(draft[1]), f"/applications/{draft[0]}/submission", together=False, waits=True))


async def crafted_draft(scene: Scene, call: str, firm: UUID, content: dict[str, Any], carried_from: str | None = None) -> tuple[str, UUID]:
    """A draft that no command leaves so."""

    async def add(context: Context) -> str:
        found = await read_call(context, UUID(scene.calls[call]))
        form = read_form(content)
        return str(add_draft(context, found, firm, form, carried_from=UUID(carried_from) if carried_from else None).id)

    return await scene.desk.run(add, applicant(firm)), firm


async def publish_by_invitation(scene: Scene) -> None:
    """A call for expressions of interest that is open, and one that invites from it."""
    scene.calls["interest"] = (await publish(scene.desk, INTEREST_CALL))["id"]
    scene.calls["full"] = (await publish(scene.desk, {**FULL_CALL, "opens_at": "2026-12-16T12:00:00"}))["id"]


async def invited(scene: Scene) -> UUID:
    """A firm with an invitation."""
    firm = scene.firm()
    expression = await express(scene.desk, scene.calls["interest"], firm)
    await scene.desk.deliver(chosen(expression, scene.calls["interest"], firm))
    return firm


async def test_submissions_are_decided_alike(paths: tuple[Desk, Desk]) -> None:
    await assert_agree(paths, "submissions", submissions)


async def test_number_taken_while_a_call_is_waited_for(paths: tuple[Desk, Desk]) -> None:
    """Two processes: one submits alone, the other among many. Both have counted before the first one has its place."""
    scene = Scene(paths[0])
    main = await scene.call("main")
    scene.desk.clock.instant = NOW
    same = {"applicant__tax_number": NUMBER}
    first, second, third = [await scene.draft(name, "main", **same) for name in ("first", "second", "third")]
    async with paths[0].sessions() as holder:
        await holder.execute(text("SELECT FROM calls FOR NO KEY UPDATE"))
        alone = asyncio.create_task(paths[0].run(submit_application, applicant(first[1]), UUID(first[0])))
        await wait_for_lock_queue(paths[0])
        others = [asyncio.create_task(paths[0].submit(*one, expect=409)) for one in (second, third)]
        await wait_for_lock_queue(paths[0], 2)
        await holder.rollback()
    assert (await alone).sequence == 1
    assert [(await one)["code"] for one in others] == ["tax-number-in-call"] * 2
    assert (await paths[0].request(OFFICER, "GET", f"/calls/{main}"))["submitted"] == 1


def drafting(
    scene: Scene, name: str, call: str, code: str = "", together: bool | None = None, *, firm: UUID | None = None,
    actor: Actor | None = None, key: str = "", waits: bool = False, content: dict[str, Any] | None = None, **answers: Any,
) -> Ask:  # fmt: skip
    """The start of an application that has the name of the case as its title."""
    firm = firm or scene.firm()
    form = content or answers_with(firm, name, scene.forms[call], **answers)
    body, actor = {"call_id": scene.calls[call], "form": form}, actor or applicant(firm)
    together = not code if together is None else together
    return Ask(name, actor, "/applications", code, together, waits, key=key or f"key-{new_id()}", body=body)


async def drafts(scene: Scene) -> None:
    scene.desk.app.state.drafts_per_call = 2
    await publish_calls(scene)
    for prepare in (drafts_in_calls, drafts_of_firms, drafts_and_acts, drafts_beside_members, drafts_by_keys):
        await prepare(scene)


async def drafts_in_calls(scene: Scene) -> None:
    ask = scene.asks.append
    ask(drafting(scene, "of a new firm", "main"))
    _, known = await scene.draft("before", "side")
    ask(drafting(scene, "of a known firm", "main", firm=known))
    two = scene.firm()
    for name, call in (("first of a new firm", "main"), ("second of a new firm", "main"), ("in another call", "side")):
        ask(drafting(scene, name, call, firm=two))
    for slug, code in (("not-begun", ""), ("begins-now", ""), ("ends-now", "deadline-passed"), ("extended", "")):
        ask(drafting(scene, slug, slug, code))
    await change_calls(scene)
    ask(drafting(scene, "closed early", "closed-early", "deadline-passed"))
    scene.calls["unknown"], scene.forms["unknown"] = str(new_id()), scene.forms["main"]
    ask(drafting(scene, "unknown call", "unknown", "unknown-call"))
    firm = await invited(scene)
    there = {"content": form_of(FULL, project__title="invited"), "firm": firm, "actor": person_there(firm)}
    ask(drafting(scene, "invited", "full", together=False, **there))
    firm = scene.firm()
    ask(drafting(scene, "not invited", "full", "not-invited", content=form_of(FULL), actor=person_there(firm)))


async def drafts_of_firms(scene: Scene) -> None:
    desk, ask = scene.desk, scene.asks.append
    _, erased = await scene.draft("to be erased", "side")
    await erase(scene, erased)
    ask(drafting(scene, "erased", "main", "subject-erased", firm=erased))
    withdrawn = await scene.draft("first begun", "main")
    await desk.withdraw(*withdrawn)
    await scene.draft("second begun", "main", withdrawn[1])
    ask(drafting(scene, "third begun", "main", "too-many-drafts", firm=withdrawn[1]))
    ask(drafting(scene, "third begun, elsewhere", "side", firm=withdrawn[1]))
    _, submitted = await scene.submitted("submitted", "main")
    await scene.draft("one begun", "main", submitted)
    ask(drafting(scene, "beside a submitted one", "main", firm=submitted))
    ask(drafting(scene, "of another region", "main", "foreign-region", actor=Actor("abroad", ELSEWHERE, scene.firm())))
    ask(drafting(scene, "malformed", "main", "invalid-input", extra={"no-such": 1}))
    offer = [{"id": str(UUID(int=5)), "sha256": "0" * 64}]
    ask(drafting(scene, "names a file", "any-number", "files-apart", extra={"offer": offer}))


async def drafts_and_acts(scene: Scene) -> None:
    for name, duty, about, code in (
        *acts_in_calls(scene),
        ("confirmed an account", Duty.CONFIRM_ACCOUNT, (new_id(), scene.calls["main"]), ""),
    ):
        firm = scene.firm()
        await scene.part(applicant(firm).id, duty, *about)
        scene.asks.append(drafting(scene, name, "main", code, firm=firm))


async def drafts_beside_members(scene: Scene) -> None:
    """Members joined long ago; `left`: how long before they have left again."""
    two_years = timedelta(days=730) - (NOW - BEFORE)
    for name, is_writer, left, together in (
        ("beside a member", False, None, False),
        ("the writer is a member", True, None, True),
        ("beside who left lately", False, two_years - timedelta(seconds=1), False),
        ("beside who left long ago", False, two_years, True),
    ):
        firm, person = scene.firm(), UUID(int=scene.number + 10_000)
        joined = MemberJoined(organisation_id=firm, person_id=person, role=MemberRole.OWNER, invitation_id=None)
        await scene.desk.deliver(joined, ago=timedelta(days=900))
        if left is not None:
            await scene.desk.deliver(MemberLeft(organisation_id=firm, person_id=person), ago=left)
        actor = Actor(str(person), applicant().grants, firm) if is_writer else None
        scene.asks.append(drafting(scene, name, "main", together=together, firm=firm, actor=actor))


async def drafts_by_keys(scene: Scene) -> None:
    desk, ask = scene.desk, scene.asks.append
    one, other = scene.firm(), scene.firm()
    twice = drafting(scene, "key of a request", "main", firm=one, key="same-key")
    ask(twice)
    ask(replace(twice, name="key again", together=False))
    ask(drafting(scene, "key of another input", "side", "idempotency-key-reused", firm=one, key="same-key"))
    ask(drafting(scene, "key of another person", "main", firm=other, key="same-key"))
    known_key = drafting(scene, "known key", "main", key="known-key", together=False)
    await desk.request(known_key.actor, "POST", known_key.path, 201, key=known_key.key, json=known_key.body)
    ask(known_key)
    elsewhere = scene.firm()
    async with desk.sessions.begin() as session:
        of_other_route = {"route": "POST /others", "key": "other-key", "input_hash": "", "made_id": new_id()}
        session.add(IdempotencyRow(actor_id=applicant(elsewhere).id, **of_other_route))
    ask(drafting(scene, "key of another route", "main", firm=elsewhere, key="other-key"))
    locked = scene.firm()
    scene.held.append(f"SELECT pg_advisory_xact_lock(hashtextextended('{locked}', 0))")
    ask(drafting(scene, "its firm is locked", "main", together=False, firm=locked, waits=True))


async def test_drafts_are_begun_alike(paths: tuple[Desk, Desk]) -> None:
    await assert_agree(paths, "drafts", drafts)
