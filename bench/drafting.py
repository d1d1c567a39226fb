"""People who fill in drafts: how a field is saved while they type and how they submit, by the API and by the portal's pages."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import orjson
from lxml import html

from bench.applications_service import API, Applicant, ApplicationsService
from bench.load import Answer, as_json
from bench.portal_service import FORM, PortalService, Visitor

Send = Callable[[str, str, Mapping[str, str], bytes], Awaitable[Answer]]
"""`Client.send` or `Gateway.send`."""
SAVED, SUBMITTED = (200,), (200, 303)
PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Field:
    """A question in which somebody types. `value`: the answer after that many changes, and `text`: as it is typed."""

    section: str
    question: str
    value: Callable[[int], Any]
    text: Callable[[int], str]


def _words(number: int) -> str:
    return f"A digital catalogue of patterns, {number}"


TITLE = Field("project", "project.title", _words, _words)
FIELDS = (
    TITLE,
    Field("applicant", "applicant.street", lambda number: f"Sample Street {number}", lambda number: f"Sample Street {number}"),
    Field("costs", "costs.own_contribution_minor", lambda number: 200_000 + number, lambda number: f"{2_000 + number / 100:.2f}"),
)
"""In three sections; the page of the costs shows what the rules make of them each time."""


class Writer(Protocol):
    """One who has a draft, and one thing to say after another."""

    async def save(self, send: Send) -> Answer:
        """Saves the field with one change more."""
        ...

    async def submit(self, send: Send) -> Answer: ...


@dataclass
class ApiWriter:
    """`version`: of the section, as the last answer gave it."""

    applicant: Applicant
    field: Field
    version: int = 0
    changes: int = 0

    async def save(self, send: Send) -> Answer:
        self.changes += 1
        body = {"version": self.version, "answers": {self.field.question: self.field.value(self.changes)}}
        answer = await send("PATCH", f"{self._path}/sections/{self.field.section}", self._headers, orjson.dumps(body))
        if answer.status in SAVED:
            self.version = answer.json["version"]
        return answer

    async def submit(self, send: Send) -> Answer:
        return await send("POST", f"{self._path}/submission", self._headers, b"")

    @property
    def _path(self) -> str:
        return f"{API}/applications/{self.applicant.application_id}"

    @property
    def _headers(self) -> dict[str, str]:
        return as_json(self.applicant.token)


@dataclass
class PageWriter:
    """`form`: what the page would send, as its script keeps it (portal/assets/autosave.js)."""

    visitor: Visitor
    application_id: str
    field: Field
    form: dict[str, str] = dataclasses.field(default_factory=dict)
    changes: int = 0

    async def open_page(self, send: Send) -> None:
        answer = await send("GET", self._section, self.visitor.headers, b"")
        assert answer.status == 200, answer.content.decode()
        [form] = html.fromstring(answer.content.decode()).xpath("//form[@data-autosave]")
        self.form = dict(form.form_values())

    async def save(self, send: Send) -> Answer:
        self.changes += 1
        self.form[self.field.question] = self.field.text(self.changes)
        answer = await send("POST", f"{self._section}/autosave", self._headers, urlencode(self.form).encode())
        if answer.status in SAVED:
            saved = answer.json
            self.form |= {"version": str(saved["version"]), **{f"was:{name}": digest for name, digest in saved["was"].items()}}
            assert not saved["errors"], saved["errors"]
        return answer

    async def submit(self, send: Send) -> Answer:
        form = {"form-token": self.visitor.form_token, "declared": "yes"}
        return await send("POST", f"/applications/{self.application_id}/submission", self._headers, urlencode(form).encode())

    @property
    def _section(self) -> str:
        return f"/applications/{self.application_id}/sections/{self.field.section}"

    @property
    def _headers(self) -> dict[str, str]:
        return {**self.visitor.headers, **FORM}


async def api_writers(service: ApplicationsService, count: int, fields: tuple[Field, ...] = FIELDS) -> list[ApiWriter]:
    """Writers with a complete draft each, at the fields in turn."""
    return [ApiWriter(draft, fields[number % len(fields)]) for number, draft in enumerate(await service.drafts(count))]


async def page_writers(
    service: ApplicationsService, portal: PortalService, send: Send, count: int, fields: tuple[Field, ...] = FIELDS
) -> list[PageWriter]:
    """The same, signed in at the portal, each with the page of the section open."""
    drafts = await service.drafts(count)
    writers = [
        PageWriter(await portal.visit(draft), draft.application_id, fields[number % len(fields)]) for number, draft in enumerate(drafts)
    ]
    waiting = list(writers)

    async def work() -> None:
        while waiting:
            await waiting.pop().open_page(send)

    await asyncio.gather(*(work() for _ in range(PARALLEL)))
    return writers
