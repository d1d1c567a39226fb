"""The desk of applications: its HTTP app and inbox on a database of its own, real tokens, and a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from services.applications.app import SERVICE
from services.applications.subscribers import HANDLERS
from shared.database import Sessions
from shared.files.store import FileStore
from shared.identity.actor import Actor
from shared.kernel.ids import new_id
from simulation.sample_files import sample_pdf
from tests.support.applications import BEFORE, BOOK, KEY, OFFICER, OPEN, applicant, call_definition, form_with, keep_files
from tests.support.desk import FrozenClock, ServiceDesk, assembled
from tests.support.identity import Issuer

OFFER, PEOPLE = "extra.offer", "extra.people"
"""The questions for files in the form of Koprivnica."""
FreshDatabase = Callable[[str], Awaitable[str]]


class Desk(ServiceDesk):
    """The desk of applications, with its usual requests: they return the JSON and fail on any status but the expected one."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer

    def __init__(
        self, app: FastAPI, client: httpx.AsyncClient, issuer: Issuer, sessions: Sessions, clock: FrozenClock, files: Path | None = None
    ) -> None:
        """`files`: the folder of the store, without it one of the desk's own."""
        super().__init__("applications", sessions, clock, BOOK, HANDLERS, issuer, app, client)
        self.own_folder = None if files else TemporaryDirectory(prefix="triptych-files-")
        self.folder = files or Path(self.own_folder.name if self.own_folder else "")
        keep_files(app, self.folder)

    @property
    def store(self) -> FileStore:
        store: FileStore = self.app.state.files
        return store

    async def give(
        self, application_id: str, organisation: UUID, expect: int = 201, *, text: str = "Offer", name: str = "offer.pdf", key: str = "",
        content: bytes | None = None, question: str = OFFER,
    ) -> Any:  # fmt: skip
        """A file; by default a PDF that says `text`."""
        assert self.issuer is not None
        headers = {"File-Name": quote(name), "Idempotency-Key": key or f"key-{new_id()}", "Content-Type": "application/octet-stream"}
        headers["Authorization"] = f"Bearer {self.issuer.mint(applicant(organisation))}"
        address = f"/api/applications/applications/{application_id}/files"
        body = sample_pdf(text) if content is None else content
        answer = await self.client.post(address, params={"question": question}, content=body, headers=headers)
        assert answer.status_code == expect, f"{answer.status_code} {answer.text}"
        return answer.json()

    async def download(self, actor: Actor, application_id: str, file_id: str, expect: int = 200) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.issuer.mint(actor)}"}
        answer = await self.client.get(f"/api/applications/applications/{application_id}/files/{file_id}", headers=headers)
        assert answer.status_code == expect, f"{answer.status_code} {answer.text}"
        return answer

    async def remove(self, application_id: str, organisation: UUID, file_id: str, expect: int = 200) -> Any:
        return await self.request(applicant(organisation), "DELETE", f"/applications/{application_id}/files/{file_id}", expect)

    def stored(self) -> list[str]:
        """The names of the objects in the store."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    async def publish_call(self, expect: int = 201, **changed: Any) -> Any:
        definition = call_definition().model_dump(mode="json") | changed
        return await self.request(OFFICER, "POST", "/calls", expect, json=definition)

    async def draft(self, call_id: str, organisation: UUID, expect: int = 201, **answers: Any) -> Any:
        body = {"call_id": call_id, "form": form_with(**answers)}
        return await self.request(applicant(organisation), "POST", "/applications", expect, key=f"key-{new_id()}", json=body)

    async def submit(self, application_id: str, organisation: UUID, expect: int = 200) -> Any:
        return await self.request(applicant(organisation), "POST", f"/applications/{application_id}/submission", expect)

    async def submitted(self, call_id: str, organisation: UUID, **answers: Any) -> str:
        """The id of an application that is drafted and submitted now."""
        identity: str = (await self.draft(call_id, organisation, **answers))["id"]
        await self.submit(identity, organisation)
        return identity

    async def change(self, application_id: str, organisation: UUID, expect: int = 200, **answers: Any) -> Any:
        body = {"form": form_with(**answers)}
        return await self.request(applicant(organisation), "PUT", f"/applications/{application_id}", expect, json=body)

    async def withdraw(self, application_id: str, organisation: UUID, expect: int = 200) -> Any:
        body = {"reason": "given-up"}
        return await self.request(applicant(organisation), "POST", f"/applications/{application_id}/withdrawal", expect, json=body)

    async def return_for(self, application_id: str, fields: list[str], expect: int = 200, officer: Actor = OFFICER) -> Any:
        body = {"fields": fields, "words": {fields[0]: "Which ones?"}, "note": "More, please."}
        return await self.request(officer, "POST", f"/applications/{application_id}/return", expect, json=body)

    async def screen(self, application_id: str, expect: int = 200) -> Any:
        return await self.request(OFFICER, "POST", f"/applications/{application_id}/screening", expect)

    async def screen_call(self, call_id: str, limit: int = 200) -> Any:
        return await self.request(OFFICER, "POST", f"/calls/{call_id}/screening", params={"limit": limit})

    async def read(self, application_id: str) -> Any:
        return await self.request(OFFICER, "GET", f"/applications/{application_id}")


async def wait_for_lock_queue(desk: Desk, length: int = 1) -> None:
    """Until so many transactions wait for a lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with asyncio.timeout(10), desk.sessions() as session:
        while (await session.scalar(waiting) or 0) < length:
            await session.rollback()
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Desk]:
    clock = FrozenClock(BEFORE)
    async with assembled(SERVICE, await fresh_database("applications"), issuer, clock, BOOK, KEY) as (app, client, sessions):
        yield Desk(app, client, issuer, sessions, clock)


@pytest_asyncio.fixture
async def call_id(desk: Desk) -> str:
    """A published call; the clock then stands within its window."""
    identity: str = (await desk.publish_call())["id"]
    desk.clock.instant = OPEN
    return identity
