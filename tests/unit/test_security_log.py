"""The log of refused callers, and its alarm."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import uvicorn

from deploy.embedded.ports import free_port
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.runtime.serve import SERVED
from shared.web import security
from shared.web.auth import api_router, requires
from shared.web.security import MOST_REFUSALS, WINDOW_SECONDS, Repetitions, SecurityLog
from tests.support.identity import Issuer, serving
from tests.unit.test_web import APPLICANT, HERE, OFFICER, app_with, router

OFFER, TOYS = f"/api/toys/offers/{HERE}", f"/api/toys/regions/{HERE}/toys"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def client_from(app: Any, address: str = "192.0.2.7") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(address, 5)), base_url="http://test")


def bearer(issuer: Issuer, actor: Actor, **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.mint(actor, **claims)}"}


async def test_refusal_is_one_line_without_what_was_sent(issuer: Issuer, tmp_path: Path) -> None:
    path = tmp_path / "security.log"
    async with client_from(app_with(issuer, router, security=SecurityLog("toys", path))) as client:
        await client.get(OFFER, params={"q": "Jane Roe"}, headers=bearer(issuer, OFFICER))
        await client.get(OFFER, params={"q": "Jane Roe"})
        await client.get(OFFER, headers=bearer(issuer, replace(OFFICER, id="jane.roe@agency.test")))
        await client.get(OFFER, headers=bearer(issuer, APPLICANT))
        await client.get("/api/toys/none", headers=bearer(issuer, APPLICANT))
        await client.post(TOYS, headers=bearer(issuer, OFFICER), json={"name": 1})
    wrong_role, missing, named = lines(path)
    common = {"event": "denied", "level": "warning", "logger": "security", "service": "toys", "method": "GET", "address": "192.0.2.7"}
    common["route"] = "/offers/{region}"
    assert wrong_role.items() >= (common | {"code": "wrong-role", "status": 403, "subject": OFFICER.id}).items()
    assert (missing["code"], missing["status"], missing["subject"]) == ("missing-token", 401, None)
    assert named["subject"].startswith("person-")
    assert "jane" not in path.read_text().lower()
    assert "bearer" not in path.read_text().lower()


async def test_refused_file_is_a_line_whatever_its_status(issuer: Issuer, tmp_path: Path) -> None:
    """Of a scanner; other refusals with its status are none."""
    path, files = tmp_path / "security.log", api_router("files")

    @files.post("/{code}")
    async def refuse(context: Annotated[Context, requires(Permission.MANAGE_CALLS)], code: str) -> None:
        raise Refused(code, "Refused.")

    async with client_from(app_with(issuer, files, security=SecurityLog("toys", path))) as client:
        for code in ("file-empty", "file-infected"):
            assert (await client.post(f"/api/toys/{code}", headers=bearer(issuer, OFFICER))).status_code == 422
    [line] = lines(path)
    assert (line["code"], line["status"], line["subject"]) == ("file-infected", 422, OFFICER.id)


@pytest.mark.parametrize("by", ["subject", "address"])
async def test_repeated_refusals_raise_one_alarm(issuer: Issuer, tmp_path: Path, by: str) -> None:
    """Of one person from many addresses, and from one address without a token."""
    path, times = tmp_path / "security.log", [1000.0]
    app = app_with(issuer, router, security=SecurityLog("toys", path, lambda: times[0]))
    headers = bearer(issuer, OFFICER) if by == "subject" else {}
    for number in range(MOST_REFUSALS + 2):
        async with client_from(app, f"192.0.2.{number}" if by == "subject" else "192.0.2.7") as client:
            await client.get(OFFER, headers=headers)
        times[0] += 1
    alarms = [line for line in lines(path) if line["level"] == "error"]
    assert [(line["event"], line[by]) for line in alarms] == [("repeated denials", OFFICER.id if by == "subject" else "192.0.2.7")]


def test_refusals_are_counted_within_the_window_only() -> None:
    times = [0.0]
    repetitions = Repetitions(lambda: times[0])
    for _ in range(3 * MOST_REFUSALS):
        assert not repetitions.exceeded(("subject", "x"))
        times[0] += WINDOW_SECONDS / MOST_REFUSALS


def test_memory_of_refusals_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "KEPT", 3)
    repetitions = Repetitions(lambda: 0.0)
    for number in range(100):
        repetitions.exceeded(("address", str(number)))
        for _ in range(MOST_REFUSALS):
            repetitions.exceeded(("address", "always"))
    assert len(repetitions._recent) == 3
    assert all(len(times) <= MOST_REFUSALS for times in repetitions._recent.values())


def test_address_is_the_one_that_the_gateway_names(issuer: Issuer, tmp_path: Path) -> None:
    """The gateway of this machine is trusted by uvicorn's default."""
    path, port = tmp_path / "security.log", free_port()
    app = app_with(issuer, router, security=SecurityLog("toys", path))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, **SERVED))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    httpx.get(f"http://127.0.0.1:{port}{OFFER}", headers={"X-Forwarded-For": "203.0.113.9"}, trust_env=False)
    httpx.get(f"http://127.0.0.1:{port}{OFFER}", trust_env=False)
    server.should_exit = True
    thread.join(20)
    assert [line["address"] for line in lines(path)] == ["203.0.113.9", "127.0.0.1"]
