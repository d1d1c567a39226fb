"""The same requests by both paths, on a database each: all at once in one transaction, and each by the command for one.

What a person could see of either, and what is written, has to be the same but for ids and the moment of the machine.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.applications.api import dependencies
from services.applications.app import SERVICE
from services.applications.tables import ApplicationRow
from services.applications.tables.base import Table
from shared.database.together import Asked, Together
from shared.identity.actor import Actor
from shared.identity.duties import Duty
from shared.kernel.ids import new_id
from shared.messaging.acts import ActRow
from shared.messaging.tables import OutboxRow
from shared.policy.form import FormDefinition
from shared.privacy.keys import SubjectKeyRow, destroy_key
from shared.web.idempotency import IdempotencyRow
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from simulation.sample_answers import with_own_answers
from tests.integration.applications.conftest import Desk, FreshDatabase
from tests.support.applications import BOOK, KEY, applicant, form_with
from tests.support.desk import FrozenClock, assembled
from tests.support.identity import Issuer

PUBLISHED, BEFORE, NOW = datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 12, 18, 9, tzinfo=UTC), datetime(2026, 12, 20, 9, tzinfo=UTC)
HERE_NOW = "2026-12-20T10:00:00"
"""The same moment on the clocks of Koprivnica."""
LATER = {"evaluation_due": "2027-03-01", "reserve_list_ends": "2027-05-01"}
NUMBER_COUNTS = {"opens_at": "2026-12-14T10:00:00", "closes_at": "2027-01-15T12:00:00", **LATER}
"""A call under a policy by which one organisation with a tax number applies, and by which ties with providers count."""
ANY_NUMBER = {"opens_at": "2026-11-15T10:00:00", "closes_at": "2027-01-15T12:00:00", **LATER}
"""A call under one with neither."""
OF_MACHINE = ("recorded_at", "position", "mac", "wrapped", "stored_sha256")
"""Columns of real time or chance."""
CASE: ContextVar[str] = ContextVar("case", default="")
_OF_IDS = re.compile('"(eligible_hash|input_hash)": "[0-9a-f]{64}"')
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Many(Together[Any, Any]):
    """Notes how many were asked for in each transaction, the cases that were asked for, and those that were done there."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.groups, self.asked, self.done = list[int](), set[str](), set[str]()

    async def _done(self, taken: Sequence[Asked[Any, Any]]) -> Any:
        self.groups.append(len(taken))
        return await super()._done(taken)

    async def ask(self, what: Any) -> Any:
        self.asked.add(CASE.get())
        result = await super().ask(what)
        if result is not None:
            self.done.add(CASE.get())
        return result


class Alone(Together[Any, Any]):
    async def ask(self, what: Any) -> None:
        """Nothing is done together."""


@dataclass(frozen=True)
class Ask:
    """A request. `code` is that of its refusal; `together`: whether a transaction of many takes it; `waits`: for a lock that another
    transaction holds; `varies`: values of its answer that are made of ids."""

    name: str
    actor: Actor
    path: str
    code: str = ""
    together: bool = True
    waits: bool = False
    varies: tuple[str, ...] = ()
    key: str | None = None
    body: Any = None


@dataclass
class Scene:
    """A desk with calls, applications of one organisation each unless said, and what is asked in the end. `held`: SQL of the locks that
    another transaction holds meanwhile."""

    desk: Desk
    calls: dict[str, str] = field(default_factory=dict)
    forms: dict[str, FormDefinition] = field(default_factory=dict)
    asks: list[Ask] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    number: int = 1000

    def firm(self) -> UUID:
        self.number += 1
        return UUID(int=self.number)

    async def call(self, slug: str, **dates: str) -> str:
        made = await self.desk.publish_call(id=slug, **{**NUMBER_COUNTS, **dates})
        self.calls[slug], self.forms[slug] = made["id"], BOOK.form(made["form_id"])
        return self.calls[slug]

    async def draft(self, title: str, call: str, firm: UUID | None = None, **answers: Any) -> tuple[str, UUID]:
        """The id of a new draft, and its organisation."""
        firm = firm or self.firm()
        body = {"call_id": self.calls[call], "form": answers_with(firm, title, self.forms[call], **answers)}
        made = await self.desk.request(applicant(firm), "POST", "/applications", 201, key=f"key-{new_id()}", json=body)
        return made["id"], firm

    async def submitted(self, title: str, call: str, firm: UUID | None = None, **answers: Any) -> tuple[str, UUID]:
        identity, firm = await self.draft(title, call, firm, **answers)
        await self.desk.submit(identity, firm)
        return identity, firm

    async def part(self, actor: str, duty: Duty, subject: UUID | str, call_id: UUID | str | None = None) -> None:
        """The act of somebody, as an event of another service would leave it."""
        about = {"subject_id": UUID(str(subject)), "call_id": None if call_id is None else UUID(str(call_id))}
        async with self.desk.sessions.begin() as session:
            session.add(ActRow(event_id=new_id(), duty=duty, actor=actor, at=self.desk.clock.instant, **about))


def answers_with(firm: UUID, title: str, definition: FormDefinition, **answers: Any) -> dict[str, Any]:
    """A complete form; the tax number is the organisation's own, unless one is given."""
    number = fictional_tax_number("HR", SeededRandom(str(firm)))
    own = {"applicant__tax_number": number, "project__title": title, "project__starts_on": "2027-03-01", "project__ends_on": "2027-08-31"}
    return with_own_answers(form_with(**{**own, **answers}), definition)


async def erase(scene: Scene, firm: UUID) -> None:
    async with scene.desk.sessions.begin() as session:
        await destroy_key(session, firm, BEFORE)


@asynccontextmanager
async def both_paths(new_database: FreshDatabase, issuer: Issuer, patches: pytest.MonkeyPatch) -> AsyncIterator[tuple[Desk, Desk]]:
    """A desk that does all of one moment together, and one that does each alone."""
    async with AsyncExitStack() as stack:
        desks = []
        for kind in (Many, Alone):
            clock, url = FrozenClock(PUBLISHED), await new_database("applications")
            app, client, sessions = await stack.enter_async_context(assembled(SERVICE, url, issuer, clock, BOOK, KEY))
            with patches.context() as patched:
                patched.setattr(dependencies, "Together", kind)
                app.state.among_many = dependencies.AmongMany.of(app.state)
            desks.append(Desk(app, client, issuer, sessions, clock))
        yield desks[0], desks[1]


async def assert_agree(paths: tuple[Desk, Desk], kind: str, prepare: Callable[[Scene], Awaitable[None]]) -> None:
    """Prepares both, asks, and compares. `kind` is the field of `AmongMany`. Alone they are asked in the order in which the first desk has
    done them: those of one transaction, the others, and those that have waited."""
    many, alone = (Scene(desk) for desk in paths)
    for scene in (many, alone):
        await prepare(scene)
        scene.desk.clock.instant = NOW
    together: Many = getattr(many.desk.app.state.among_many, kind)
    together.groups.clear()
    answers = await _at_once(many)
    missing = {ask.name for ask in many.asks} - together.asked
    assert not missing, f"not asked for: {missing}"
    assert len(together.groups) == 1, f"not at once: {together.groups}"
    _assert_same({name: answer.get("code", "") for name, answer in answers.items()}, {ask.name: ask.code for ask in many.asks})
    _assert_same({ask.name: ask.name in together.done for ask in many.asks}, {ask.name: ask.together for ask in many.asks})
    in_order = sorted(alone.asks, key=lambda ask: (ask.waits, not ask.together))
    others = {ask.name: await _answer(alone.desk, ask) for ask in in_order}
    names, other_names = await _names(many), await _names(alone)
    _assert_same(_each_plain(answers, names), _each_plain(others, other_names))
    _assert_same(await _written(many, names), await _written(alone, other_names))


def _assert_same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    different = {name: (found.get(name), expected.get(name)) for name in [*found, *expected] if found.get(name) != expected.get(name)}
    assert not different, different


async def _at_once(scene: Scene) -> dict[str, Any]:
    async with scene.desk.sessions() as holder, asyncio.timeout(30):
        for statement in scene.held:
            await holder.execute(text(statement))
        tasks = {ask.name: asyncio.create_task(_answer(scene.desk, ask)) for ask in scene.asks}
        await asyncio.gather(*(tasks[ask.name] for ask in scene.asks if not ask.waits))
        assert not any(tasks[ask.name].done() for ask in scene.asks if ask.waits)
        await holder.rollback()
        return {name: await task for name, task in tasks.items()}


async def _answer(desk: Desk, ask: Ask) -> dict[str, Any]:
    CASE.set(ask.name)
    headers = {"Authorization": f"Bearer {desk.issuer.mint(ask.actor)}"} | ({"Idempotency-Key": ask.key} if ask.key else {})
    answer = await desk.client.post(f"/api/applications{ask.path}", headers=headers, json=ask.body)
    return {"status": answer.status_code} | {name: value for name, value in answer.json().items() if name not in ask.varies}


async def _names(scene: Scene) -> dict[str, str]:
    """Of calls and applications, by their ids."""
    names = {identity: f"call {slug}" for slug, identity in scene.calls.items()}
    return names | {str(row.id): f"{row.title} of {row.organisation_id.int}" for row in await scene.desk.rows(ApplicationRow)}


def _plain(value: Any, names: dict[str, str]) -> str:
    """As text, with names in the place of ids; what has none is 'id', but for the numbers that the tests give."""
    written = _OF_IDS.sub(r"\1", json.dumps(value, sort_keys=True, default=str, ensure_ascii=False))
    return _UUID.sub(lambda found: names.get(found[0], "id" if UUID(found[0]).int >= 10**6 else found[0]), written)


def _each_plain(answers: Mapping[str, Any], names: dict[str, str]) -> dict[str, str]:
    return {name: _plain(answer, names) for name, answer in answers.items()}


async def _written(scene: Scene, names: dict[str, str]) -> Counter[str]:
    """Every row of the service, and what messaging, keys of requests and acts have."""
    own = {mapper.class_: OF_MACHINE for mapper in Table._sa_registry.mappers}  # type: ignore[attr-defined]
    of_platform = dict.fromkeys((OutboxRow, ActRow, IdempotencyRow, SubjectKeyRow), (*OF_MACHINE, "created_at"))
    found = Counter[str]()
    for kind, left_out in (own | of_platform).items():
        rows = [{name: getattr(row, name) for name in kind.model_fields if name not in left_out} for row in await scene.desk.rows(kind)]
        found.update(_plain([kind.__name__, values], names) for values in rows)
    return found
