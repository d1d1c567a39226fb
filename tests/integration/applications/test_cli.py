"""The lists of the command line, sent to the real service over HTTP."""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
import uvicorn
from joserfc.jwk import ECKey

from deploy.embedded.identity import AUDIENCE, ISSUER, public_keys
from deploy.embedded.ports import free_port
from operations.cli.applications import Outcome, import_lines, summary, write_report
from operations.cli.calls import publish_calls
from operations.cli.lists import Sorter, read_lines
from operations.cli.people import officer
from operations.client import Api
from services.applications.app import SERVICE
from shared.identity.tokens import TokenVerifier
from shared.policy.call import call_files, load_call
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, HERE, KEY, OPEN, REGIONS, form_with
from tests.support.identity import serving

OPERATIONS = Path(__file__).resolve().parents[3] / "simulation/demo/operations.jsonl"


@dataclass
class Platform:
    api: Api
    desk: Desk

    async def take(self, file: Path, call: str | None = None) -> list[Outcome]:
        calls = [item async for item in self.api.every(officer(), "/api/applications/calls")]
        sorter = Sorter(calls, BOOK, self.desk.clock.now(), call)
        return await import_lines(self.api, list(read_lines(file)), sorter, lambda done: None)


@pytest_asyncio.fixture
async def platform(desk: Desk) -> AsyncIterator[Platform]:
    """The five calls are published and open."""
    key, port = ECKey.generate_key("P-256", {"alg": "ES256"}, private=True, auto_kid=True), free_port()
    with serving() as issuer:
        issuer.answer = (200, public_keys(key).encode())
        app = SERVICE.assemble(TokenVerifier(issuer.url, ISSUER, AUDIENCE), desk.sessions, desk.clock, BOOK, KEY)  # type: ignore[arg-type]
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        api = Api(f"http://127.0.0.1:{port}", key)
        running = Platform(api, desk)
        await publish_calls(api, [load_call(path, BOOK)[0].model_dump(mode="json") for path in call_files(REGIONS)])
        desk.clock.instant = OPEN
        yield running
        await api.close()
        server.should_exit = True
        await task


def kinds(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.code or outcome.outcome for outcome in outcomes)


async def test_a_list_taken_twice_gives_nothing_new(platform: Platform, tmp_path: Path) -> None:
    first = await platform.take(OPERATIONS)
    assert kinds(first) == {"imported": 525, "duplicate-application": 117}
    again = await platform.take(OPERATIONS)
    assert kinds(again) == {"already-imported": 525, "duplicate-application": 117}
    assert {o.receipt for o in again} == {o.receipt for o in first}

    write_report(tmp_path / "report.csv", first)
    with (tmp_path / "report.csv").open() as report:
        rows = list(csv.DictReader(report))
    assert [row["line"] for row in rows] == [str(number) for number in range(1, 643)]
    assert all(row["receipt"] or row["detail"] for row in rows)
    assert summary(first).row_count == 7


async def test_every_bad_row_says_why_and_spoils_no_other(platform: Platform, tmp_path: Path) -> None:
    good = {"row_key": "a", "organisation_id": str(UUID(int=1)), "call": "digital-voucher-2026-1", "form": form_with()}
    bad = [
        "{not json",
        json.dumps({"row_key": "no-organisation"} | {"form": {}}),
        json.dumps(good | {"row_key": "no-call", "call": "other"}),
        json.dumps(good | {"row_key": "incomplete", "organisation_id": str(UUID(int=2)), "form": form_with(project__title=None)}),
        json.dumps(good | {"row_key": "bad-form", "organisation_id": str(UUID(int=3)), "form": form_with(firm__staff="four")}),
        json.dumps(good | {"form": form_with(firm__staff=5)}),
        json.dumps({"country": "FR", "total_eligible": "1"}),
        json.dumps({"country": "HR", "region": None, "total_eligible": "", "currency": "EUR"}),
    ]
    file = tmp_path / "list.jsonl"
    file.write_text("\n".join([json.dumps(good), *bad]) + "\n")
    outcomes = await platform.take(file)
    codes = ["", "unreadable", "unknown-organisation", "unknown-call", "incomplete", "invalid-form", "row-changed"]
    assert [outcome.code for outcome in outcomes] == [*codes, "unknown-country", "no-amount"]
    assert outcomes[4].field == "project.title"
    assert outcomes[5].field == "firm.staff"


async def test_csv_of_the_native_form(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    flat = {
        f"{part}.{name}": value for part, answers in form_with().items() if isinstance(answers, dict) for name, value in answers.items()
    }
    flat |= {"language": "hr", "synthetic": "true", "project.topics": "design; film", "de_minimis.declared": "true"}
    flat |= {"applicant.owners": "Sample Holding", "organisation_id": str(UUID(int=5)), "row_key": "r1", "project.s3_field": ""}
    with file.open("w", newline="") as text:
        writer = csv.DictWriter(text, flat)
        writer.writeheader()
        writer.writerow(flat)
    (outcome,) = await platform.take(file, "digital-voucher-2026-1")
    assert (outcome.outcome, outcome.region) == ("imported", HERE), outcome
    application = await platform.api.get(officer(), f"/api/applications/applications/{outcome.application_id}")
    assert application["form"]["project"]["topics"] == ["design", "film"]


async def test_loading_calls_twice_changes_nothing(platform: Platform) -> None:
    body = load_call(call_files(REGIONS)[0], BOOK)[0].model_dump(mode="json")
    first = {call["slug"]: call["id"] async for call in platform.api.every(officer(), "/api/applications/calls")}
    assert len(first) == 5
    ((_, _, outcome, *_),) = await publish_calls(platform.api, [body])
    assert outcome == "published before"
    ((_, _, outcome, *_),) = await publish_calls(platform.api, [body | {"envelope_minor": 999_999}])
    assert "call-changed" in outcome


@pytest.mark.parametrize("name", ["growth-voucher-2026-1", "nothing"])
async def test_a_named_call_takes_only_its_own_region(platform: Platform, name: str) -> None:
    if name == "nothing":
        with pytest.raises(ValueError, match="0 calls"):
            await platform.take(OPERATIONS, name)
        return
    outcomes = await platform.take(OPERATIONS, name)
    assert kinds(outcomes) == {"imported": 185, "no-call": 457}
