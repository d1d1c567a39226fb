"""A file of applications: what it would do, and the import."""

import csv
import json
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from services.applications.commands import import_file
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationSubmitted
from tests.integration.applications.conftest import Desk
from tests.support.applications import OFFICER, form_with


def line(number: int, key: str = "", **answers: Any) -> dict[str, Any]:
    return {"row_key": key or f"row-{number}", "organisation_id": str(UUID(int=number)), "form": form_with(**answers)}


async def send(desk: Desk, act: str, call: str, content: str, expect: int = 200, name: str = "list.jsonl", **query: str) -> Any:
    """The lines of the answer, or the refusal of the whole file."""
    headers = {"Authorization": f"Bearer {desk.issuer.mint(OFFICER)}", "File-Name": name}
    asked = {"call_id": call, **query}
    answer = await desk.client.post(f"/api/applications/imports/{act}", params=asked, content=content.encode(), headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.json()["lines"] if expect == 200 else answer.json()


async def test_preview_says_what_the_import_does_and_keeps_nothing(desk: Desk, call_id: str) -> None:
    lines = [
        line(1), "{not json", line(2, project__title=None), line(3, key="two words"), line(4) | {"call": "another-call"},
        line(5) | {"organisation_id": "none"}, line(6, applicant__name=" "), line(1, key="same-firm"),
    ]  # fmt: skip
    file = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    codes = [
        *(
            None,
            "unreadable",
            "incomplete",
            "row-key-unusable",
            "other-call",
            "unknown-organisation",
            "no-applicant",
            "duplicate-application",
        )
    ]
    shown = await send(desk, "preview", call_id, file)
    assert [one["code"] for one in shown] == codes
    assert [one["line"] for one in shown] == list(range(1, 9))
    assert (shown[0]["outcome"], shown[0]["application_id"], shown[0]["applicant"]) == ("imported", None, form_with()["applicant"]["name"])
    assert (await desk.events(ApplicationSubmitted), (await desk.request(OFFICER, "GET", "/applications"))["items"]) == ([], [])

    done = await send(desk, "file", call_id, file)
    assert [one["code"] for one in done] == codes
    assert (await desk.row(ApplicationRow, UUID(done[0]["application_id"]))).receipt == done[0]["receipt"]
    assert len(await desk.events(ApplicationSubmitted)) == 1
    for again in ("preview", "file"):
        known = (await send(desk, again, call_id, json.dumps(line(1))))[0]
        assert (known["outcome"], known["receipt"]) == ("already-imported", done[0]["receipt"])


async def test_list_of_a_spreadsheet_is_read_as_named(desk: Desk, call_id: str) -> None:
    flat = {f"{part}.{name}": value for part, values in form_with().items() if isinstance(values, dict) for name, value in values.items()}
    flat |= {"language": "hr", "synthetic": "true", "project.topics": "design; film", "de_minimis.declared": "true"}
    flat |= {"applicant.owners": "Sample Holding", "organisation_id": str(UUID(int=5)), "project.s3_field": ""}
    written = StringIO()
    writer = csv.DictWriter(written, flat, delimiter="|")
    writer.writeheader()
    writer.writerow(flat)
    [found] = await send(desk, "preview", call_id, written.getvalue(), name="list.CSV", separator="|")
    assert (found["outcome"], found["line"]) == ("imported", 2), found
    for named in ({"encoding": "idna"}, {"separator": "x"}):
        assert (await send(desk, "preview", call_id, written.getvalue(), 422, name="list.csv", **named))["code"] == "invalid-input"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("\n\n", "no-rows"),
        ("{}\n{}\n{}", "too-many-rows"),
        (json.dumps({"form": {"a": "\0"}}), "unusable-text"),
        ("PK\x03\x04", "not-a-list"),
    ],
)
async def test_file_that_is_no_list_is_refused_whole(
    desk: Desk, call_id: str, monkeypatch: pytest.MonkeyPatch, content: str, code: str
) -> None:
    monkeypatch.setattr(import_file, "MOST_LINES", 2)
    assert (await send(desk, "file", call_id, content, 422))["code"] == code
