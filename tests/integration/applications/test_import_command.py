"""Lists of applications, imported by the command line into the real service over HTTP."""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey

from deploy.embedded.identity import AUDIENCE, ISSUER, public_keys
from deploy.embedded.ports import free_port
from operations.cli.actors import OFFICER
from operations.cli.applications import Outcome, import_lines, summary, write_report
from operations.cli.calls import publish_calls
from operations.cli.import_rows import RowReader, read_lines
from operations.client import Api, Problem
from services.applications.app import SERVICE
from shared.identity.actor import Role
from shared.identity.tokens import TokenVerifier
from shared.kernel.errors import Refused
from shared.policy.call import call_files, load_call
from simulation.demo.published_operations import TargetCall
from simulation.demo.sample_applications import ImportRow, to_import_row
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, HERE, KEY, OPEN, REGIONS, form_with
from tests.support.identity import serving
from tests.support.tokens import MintingApi

OPERATIONS = Path(__file__).resolve().parents[3] / "simulation/demo/operations.jsonl"
"""A published list of funded operations: amounts and dates, no applicants."""


@dataclass
class Platform:
    api: Api
    desk: Desk
    app: FastAPI

    async def import_file(self, file: Path, call: str | None = None) -> list[Outcome]:
        calls = [item async for item in self.api.list_items(OFFICER, "/api/applications/calls")]
        return await import_lines(self.api, list(read_lines(file)), RowReader(calls, call), lambda done: None)


@pytest_asyncio.fixture
async def platform(desk: Desk) -> AsyncIterator[Platform]:
    """The five calls are published and open."""
    key, port = ECKey.generate_key("P-256", {"alg": "ES256"}, private=True, auto_kid=True), free_port()
    with serving() as issuer:
        issuer.answer = (200, public_keys(key).encode())
        app = SERVICE.assemble(
            TokenVerifier(issuer.url, issuer.revocations_url, ISSUER, AUDIENCE, KEY), desk.sessions, desk.clock, BOOK, KEY
        )
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        api = MintingApi(f"http://127.0.0.1:{port}", key, [Role.OFFICER], {policy.region for policy in BOOK.all()})
        running = Platform(api, desk, app)
        await publish_calls(api, [load_call(path, BOOK)[0].model_dump(mode="json") for path in call_files(REGIONS)])
        desk.clock.instant = OPEN
        yield running
        await api.close()
        server.should_exit = True
        await task


@pytest.fixture(scope="module")
def native_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """642 native rows for five calls, 117 of them repeats, made by the demonstration."""
    calls = {call.region: (call, policy) for call, policy in (load_call(path, BOOK) for path in call_files(REGIONS))}
    targets = {
        region: TargetCall(policy, BOOK.form_in_force(region, call.scheme, call.opens_at.date()), call.closes_at.date())
        for region, (call, policy) in calls.items()
    }
    made = [to_import_row(json.loads(line), targets) for line in OPERATIONS.read_text(encoding="utf-8").splitlines()]
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    with file.open("w", encoding="utf-8") as rows:
        for row in made:
            assert isinstance(row, ImportRow)
            content = {
                "row_key": row.row_key,
                "organisation_id": str(row.organisation_id),
                "call": calls[row.region][0].id,
                "form": row.form,
            }
            rows.write(json.dumps(content) + "\n")
    return file


def codes_of(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.code or outcome.outcome for outcome in outcomes)


async def test_file_imported_twice_adds_nothing(platform: Platform, native_rows: Path, tmp_path: Path) -> None:
    first = await platform.import_file(native_rows)
    assert codes_of(first) == {"imported": 525, "duplicate-application": 117}
    again = await platform.import_file(native_rows)
    assert codes_of(again) == {"already-imported": 525, "duplicate-application": 117}
    assert {o.receipt for o in again} == {o.receipt for o in first}

    write_report(tmp_path / "report.csv", first)
    with (tmp_path / "report.csv").open() as report:
        rows = list(csv.DictReader(report))
    assert [row["line"] for row in rows] == [str(number) for number in range(1, 643)]
    assert all(row["receipt"] or row["detail"] for row in rows)
    assert summary(first).row_count == 7


async def test_import_never_invents_an_applicant(platform: Platform, tmp_path: Path) -> None:
    """A row of a published list, as JSONL or CSV, and a native row without its applicant's data are refused with the field."""
    published = json.loads(OPERATIONS.read_text(encoding="utf-8").splitlines()[0])
    native = {"organisation_id": str(UUID(int=1)), "call": "digital-voucher-2026-1"}
    nameless = form_with(applicant__name=None)
    unnumbered = form_with(applicant__tax_number=" ")
    jsonl, table = tmp_path / "rows.jsonl", tmp_path / "rows.csv"
    jsonl.write_text("\n".join(json.dumps(row) for row in (published, native | {"form": nameless}, native | {"form": unnumbered})))
    with table.open("w", newline="") as text:
        writer = csv.DictWriter(text, published)
        writer.writeheader()
        writer.writerow(published)
    outcomes = [*await platform.import_file(jsonl), *await platform.import_file(table)]
    assert [outcome.code for outcome in outcomes] == ["no-applicant"] * 4
    name, number = "form.applicant.name", "form.applicant.tax_number"
    assert [outcome.field for outcome in outcomes] == [name, name, number, name]
    assert all(outcome.field in outcome.detail for outcome in outcomes)
    assert [item async for item in platform.api.list_items(OFFICER, "/api/applications/applications")] == []


async def test_refused_rows_name_their_reason_and_refuse_no_other(platform: Platform, tmp_path: Path) -> None:
    good = {"row_key": "a", "organisation_id": str(UUID(int=1)), "call": "digital-voucher-2026-1", "form": form_with()}
    bad = [
        "{not json",
        json.dumps({"row_key": "no-organisation", "form": form_with()}),
        json.dumps(good | {"row_key": "no-call", "call": "other"}),
        json.dumps(good | {"row_key": "incomplete", "organisation_id": str(UUID(int=2)), "form": form_with(project__title=None)}),
        json.dumps(good | {"row_key": "bad-form", "organisation_id": str(UUID(int=3)), "form": form_with(firm__staff="four")}),
        json.dumps(good | {"form": form_with(firm__staff=5)}),
        json.dumps({"country": "FR", "total_eligible": "1"}),
        json.dumps({"country": "HR", "region": None, "total_eligible": "", "currency": "EUR"}),
    ]
    file = tmp_path / "list.jsonl"
    file.write_text("\n".join([json.dumps(good), *bad]) + "\n")
    outcomes = await platform.import_file(file)
    codes = ["", "unreadable", "unknown-organisation", "unknown-call", "incomplete", "invalid-form", "row-key-reused"]
    assert [outcome.code for outcome in outcomes] == [*codes, "no-applicant", "no-applicant"]
    assert outcomes[4].field == "project.title"
    assert outcomes[5].field == "firm.staff"


async def test_csv_row_is_imported_with_its_lists(platform: Platform, tmp_path: Path) -> None:
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
    (outcome,) = await platform.import_file(file, "digital-voucher-2026-1")
    assert (outcome.outcome, outcome.region) == ("imported", HERE), outcome
    application = await platform.api.get(OFFICER, f"/api/applications/applications/{outcome.application_id}")
    assert application["form"]["project"]["topics"] == ["design", "film"]


def test_csv_answers_to_own_questions_are_json_or_text(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text('extra.budget,extra.why,language\n"[{""cost_minor"": 5}]",Because,nl\n')
    [line] = read_lines(file)
    assert line.content == {"form": {"extra": {"budget": [{"cost_minor": 5}], "why": "Because"}, "language": "nl"}}


async def test_calls_loaded_twice_change_nothing(platform: Platform) -> None:
    body = load_call(call_files(REGIONS)[0], BOOK)[0].model_dump(mode="json")
    first = {call["slug"]: call["id"] async for call in platform.api.list_items(OFFICER, "/api/applications/calls")}
    assert len(first) == 5
    ((_, _, outcome, *_),) = await publish_calls(platform.api, [body])
    assert outcome == "published before"
    ((_, _, outcome, *_),) = await publish_calls(platform.api, [body | {"envelope_minor": 999_999}])
    assert "call-changed" in outcome


async def test_where_two_officers_publish_a_file_becomes_a_draft(platform: Platform) -> None:
    platform.desk.clock.instant -= timedelta(days=10)
    body = load_call(call_files(REGIONS)[0], BOOK)[0].model_dump(mode="json") | {"id": "another-call"}
    platform.app.state.calls_in_one_step = False
    with pytest.raises(Problem, match="another officer"):
        await platform.api.post(OFFICER, "/api/applications/calls", body)
    for outcome in ("draft: another officer publishes it", "written as a draft before"):
        assert [said for _, _, said, *_ in await publish_calls(platform.api, [body])] == [outcome]
    [draft] = [one async for one in platform.api.list_items(OFFICER, "/api/applications/call-drafts")]
    assert {fault["code"] for fault in draft["faults"]} == {"call-text-missing"}, "only its text is to be written"


@pytest.mark.parametrize("name", ["growth-voucher-2026-1", "nothing"])
async def test_named_call_takes_only_its_own_rows(platform: Platform, native_rows: Path, name: str) -> None:
    if name == "nothing":
        with pytest.raises(Refused, match="no such call"):
            await platform.import_file(native_rows, name)
        return
    outcomes = await platform.import_file(native_rows, name)
    assert codes_of(outcomes) == {"imported": 185, "other-call": 457}
