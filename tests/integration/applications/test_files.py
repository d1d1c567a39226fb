"""Files of an application: given, pinned by a submission, replaced in a correction; refused."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from services.applications.tables import FileRow
from shared.files.deleted import DeletedFiles
from shared.files.limits import MIB
from shared.identity.actor import Actor
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import new_id
from shared.policy.form import FormDefinition
from shared.policy.resolver import PolicyBook
from shared.web.uploads import Memory
from simulation.sample_files import sample_pdf
from tests.integration.applications.conftest import OFFER, PEOPLE, Desk
from tests.support.applications import (
    BOOK,
    CLOSES,
    FIRM,
    HERE,
    OFFICER,
    OTHER_FIRM,
    SECOND_OFFICER,
    applicant,
    form_with,
    keep_files,
)  # fmt: skip
from tests.support.files import DOCX, JPG, NOT_WHAT_THEY_SAY, PNG


@pytest.fixture
async def draft(desk: Desk, call_id: str) -> str:
    return str((await desk.draft(call_id, FIRM))["id"])


async def listed(desk: Desk, application_id: str, actor: Actor | None = None, expect: int = 200) -> Any:
    return await desk.request(actor or applicant(), "GET", f"/applications/{application_id}/files", expect)


def deleting(desk: Desk, clock: ProgrammeClock | None = None) -> DeletedFiles:
    return DeletedFiles(desk.sessions, FileRow, desk.store, desk.clock, clock or ProgrammeClock())


async def test_file_is_stored_listed_and_given_back(desk: Desk, draft: str) -> None:
    content = sample_pdf("The offer")
    given = await desk.give(draft, FIRM, content=content, name="Προσφορά & more.pdf")
    assert given["sha256"] == hashlib.sha256(content).hexdigest()
    assert (given["name"], given["media_type"], given["size_bytes"]) == ("Προσφορά & more.pdf", "application/pdf", len(content))
    assert (given["scan"], given["revision"], given["removed_at"]) == ("unscanned", None, None)
    assert await listed(desk, draft) == [given]
    answer = await desk.download(applicant(), draft, given["id"])
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('Προσφορά & more.pdf', safe='')}"
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    seen = await desk.request(applicant(), "GET", f"/applications/{draft}")
    assert seen["form"]["extra"] == {"offer": [{"id": given["id"], "sha256": given["sha256"]}]}


@pytest.mark.parametrize("content", NOT_WHAT_THEY_SAY.values(), ids=NOT_WHAT_THEY_SAY)
async def test_disguised_file_is_refused(desk: Desk, draft: str, content: bytes) -> None:
    refused = await desk.give(draft, FIRM, 422, content=content)
    assert (refused["code"], refused["errors"][0]["field"]) == ("file-disguised", "file")
    assert (desk.stored(), await listed(desk, draft)) == ([], [])


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"content": b""}, 422, "file-empty"),
        ({"content": DOCX, "name": "cv.docx"}, 422, "file-kind-not-allowed"),
        ({"name": "offer.exe"}, 422, "file-kind-not-allowed"),
        ({"name": "offer"}, 422, "file-kind-not-allowed"),
        ({"content": PNG, "name": "offer.jpg"}, 422, "file-disguised"),
        ({"name": "a\u202efdp.pdf"}, 422, "file-name-unusable"),
        ({"name": "%00.pdf"}, 422, "file-kind-not-allowed"),
        ({"name": "a" * 300 + ".pdf"}, 422, "file-name-unusable"),
        ({"question": "project.title"}, 422, "no-file-question"),
        ({"question": "extra.none"}, 422, "no-file-question"),
        ({"question": PEOPLE, "content": sample_pdf("x") + bytes(5 * MIB)}, 422, "file-above-limit"),
        ({"content": bytes(20 * MIB + 1)}, 413, "upload-too-large"),
    ],
    ids=[
        *("empty", "not-this-kind", "no-kind", "no-ending", "another-kind", "name-turns-round", "name-is-not-decoded-twice", "long-name"),
        *("no-question-of-files", "no-question", "above-the-question", "above-the-installation"),
    ],
)
async def test_file_outside_the_rules_is_refused(desk: Desk, draft: str, request_: dict[str, Any], status: int, code: str) -> None:
    if request_.get("name") == "%00.pdf":
        request_ = {"name": "%00", "content": sample_pdf("x")}
    assert (await desk.give(draft, FIRM, status, **request_))["code"] == code
    assert (desk.stored(), await listed(desk, draft)) == ([], [])


async def test_body_without_an_end_is_read_to_the_limit_only(desk: Desk, draft: str) -> None:
    keep_files(desk.app, desk.folder, largest_mib=1)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += MIB // 4
            yield bytes(MIB // 4)

    headers = {"File-Name": "a.pdf", "Idempotency-Key": "endless-1", "Authorization": f"Bearer {desk.issuer.mint(applicant())}"}
    address = f"/api/applications/applications/{draft}/files"
    answer = await desk.client.post(address, params={"question": OFFER}, content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")
    assert sent <= 2 * MIB
    assert desk.app.state.file_traffic.memory.taken == 0


async def test_upload_that_is_cut_off_leaves_nothing(desk: Desk, draft: str) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": sample_pdf("Half")[:100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = list[Any]()

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {"file-name": "a.pdf", "idempotency-key": "cut-off-1", "authorization": f"Bearer {desk.issuer.mint(applicant())}"}
    path = f"/api/applications/applications/{draft}/files"
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": f"question={OFFER}".encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "scheme": "http", "http_version": "1.1",
        "client": ("127.0.0.1", 1), "server": ("test", 80), "root_path": "",
    }  # fmt: skip
    await desk.app(scope, receive, send)
    assert (sent, messages) == ([], [])
    assert (desk.stored(), await desk.rows(FileRow)) == ([], [])
    assert desk.app.state.file_traffic.memory.taken == 0


async def test_no_room_in_memory_is_said_and_passes(desk: Desk, draft: str) -> None:
    desk.app.state.file_traffic.memory.taken = Memory().most
    assert (await desk.give(draft, FIRM, 503))["code"] == "unavailable"
    desk.app.state.file_traffic.memory.taken = 0
    await desk.give(draft, FIRM)


async def test_store_that_is_down_loses_nothing_and_says_so(desk: Desk, draft: str) -> None:
    desk.folder.rename(aside := desk.folder.with_name("aside"))
    desk.folder.write_text("a file in the place of the folder")
    assert (await desk.give(draft, FIRM, 503, key="same-key-1"))["code"] == "unavailable"
    assert await desk.rows(FileRow) == []
    desk.folder.unlink()
    aside.rename(desk.folder)
    await desk.give(draft, FIRM, key="same-key-1")
    assert len(desk.stored()) == 1


async def test_double_click_gives_one_file(desk: Desk, draft: str) -> None:
    both = await asyncio.gather(*(desk.give(draft, FIRM, key="one-click-1") for _ in range(2)))
    assert both[0] == both[1]
    assert len(await listed(desk, draft)) == len(desk.stored()) == 1
    assert (await desk.give(draft, FIRM, 409, key="one-click-1", text="Another"))["code"] == "idempotency-key-reused"
    assert (await desk.give(draft, FIRM, 409))["code"] == "file-given-already"


async def test_limits_hold_for_files_at_the_same_moment(desk: Desk, draft: str) -> None:
    """The question takes three."""

    async def give(number: int) -> int:
        answer = await desk.client.post(
            f"/api/applications/applications/{draft}/files", params={"question": OFFER}, content=sample_pdf(f"Offer {number}"),
            headers={
                "File-Name": f"{number}.pdf", "Idempotency-Key": f"parallel-{number}",
                "Authorization": f"Bearer {desk.issuer.mint(applicant())}",
            },
        )  # fmt: skip
        return answer.status_code

    statuses = await asyncio.gather(*(give(number) for number in range(6)))
    assert sorted(statuses) == [201] * 3 + [409] * 3
    assert len(await listed(desk, draft)) == len(desk.stored()) == 3


async def test_saved_answers_neither_add_nor_lose_files(desk: Desk, draft: str) -> None:
    given = await desk.give(draft, FIRM)
    answer = [{"id": given["id"], "sha256": given["sha256"]}]
    forged = [{"id": str(new_id()), "sha256": given["sha256"]}]
    await desk.change(draft, FIRM, project__title="A new title")  # without the files
    form = {**form_with(), "extra": {"offer": answer}}
    await desk.request(applicant(), "PUT", f"/applications/{draft}", json={"form": form})
    for changed in (forged, []):
        body = {"form": {**form_with(), "extra": {"offer": changed}}}
        assert (await desk.request(applicant(), "PUT", f"/applications/{draft}", 422, json=body))["code"] == "files-apart"
    for value in (forged, None):
        patch = {"version": 9 if value else 3, "answers": {OFFER: value}}
        refused = await desk.request(applicant(), "PATCH", f"/applications/{draft}/sections/costs", 422, json=patch)
        assert (refused["code"], refused["errors"][0]["field"]) == ("files-apart", OFFER)
    assert (await desk.request(applicant(), "GET", f"/applications/{draft}"))["form"]["extra"] == {"offer": answer}


async def test_new_application_names_no_files(desk: Desk, call_id: str) -> None:
    body = {"call_id": call_id, "form": {"extra": {"offer": [{"id": str(new_id()), "sha256": "a" * 64}]}}}
    assert (await desk.request(applicant(), "POST", "/applications", 422, key="forged-draft", json=body))["code"] == "files-apart"


async def test_submission_pins_its_files(desk: Desk, draft: str, call_id: str) -> None:
    given = await desk.give(draft, FIRM)
    receipt = await desk.submit(draft, FIRM)
    other = (await desk.draft(call_id, OTHER_FIRM))["id"]
    assert (await desk.submit(other, OTHER_FIRM))["digest"] != receipt["digest"]
    assert [one["revision"] for one in await listed(desk, draft)] == [1]
    assert (await desk.give(draft, FIRM, 409, text="Late"))["code"] == "wrong-state"
    assert (await desk.remove(draft, FIRM, given["id"], 409))["code"] == "wrong-state"
    assert len(await listed(desk, draft, OFFICER)) == 1


async def test_correction_changes_files_of_returned_questions_only(desk: Desk, draft: str) -> None:
    cv, offer = await desk.give(draft, FIRM, question=PEOPLE, text="CV"), await desk.give(draft, FIRM)
    first = await desk.submit(draft, FIRM)
    await desk.return_for(draft, [OFFER])
    refused = await desk.give(draft, FIRM, 422, question=PEOPLE, text="Another CV")
    assert (refused["code"], refused["errors"][0]["field"]) == ("not-returned-for-this", PEOPLE)
    assert (await desk.remove(draft, FIRM, cv["id"], 422))["code"] == "not-returned-for-this"
    await desk.remove(draft, FIRM, offer["id"])
    new = await desk.give(draft, FIRM, text="The corrected offer", name="corrected.pdf")
    assert (await desk.submit(draft, FIRM))["digest"] != first["digest"]
    kept = {one["id"]: (one["revision"], one["removed_at"] is None) for one in await listed(desk, draft, OFFICER)}
    assert kept == {cv["id"]: (1, True), offer["id"]: (1, False), new["id"]: (2, True)}
    assert await deleting(desk).delete() == 0
    assert (await desk.download(OFFICER, draft, offer["id"])).content == sample_pdf("Offer")
    versions = await desk.request(OFFICER, "GET", f"/applications/{draft}/versions")
    assert versions[1]["changed"] == ["extra"] or OFFER in versions[1]["changed"]


def requiring_an_offer() -> PolicyBook:
    """The form of the call, in which the offer is required."""
    form = BOOK.form_in_force(HERE, "digital-voucher", CLOSES.date())
    questions = tuple(one.model_copy(update={"required": True}) if one.id == OFFER else one for one in form.questions)
    values = {name: getattr(form, name) for name in ("region", "scheme", "effective_from", "sections")}
    return PolicyBook(BOOK.all(), [one for one in BOOK.forms if one.id != form.id] + [FormDefinition(**values, questions=questions)])


async def test_required_file_is_missing_until_it_is_given(desk: Desk) -> None:
    desk.policies = desk.app.state.policies = requiring_an_offer()
    call = (await desk.publish_call())["id"]
    desk.clock.instant = CLOSES - timedelta(days=1)
    draft = (await desk.draft(call, FIRM))["id"]
    refused = await desk.submit(draft, FIRM, 422)
    assert (refused["code"], refused["facts"]["missing"]) == ("incomplete", [OFFER])
    sections = await desk.request(applicant(), "GET", f"/applications/{draft}/sections")
    assert [one["question"] for section in sections for one in section["problems"]] == [OFFER]
    given = await desk.give(draft, FIRM)
    await desk.remove(draft, FIRM, given["id"])
    await desk.submit(draft, FIRM, 422)
    await desk.give(draft, FIRM)
    await desk.submit(draft, FIRM)


async def test_row_of_a_list_needs_no_files(desk: Desk) -> None:
    """Its officer has them. A correction by the applicant needs what is required."""
    desk.policies = desk.app.state.policies = requiring_an_offer()
    call = (await desk.publish_call())["id"]
    desk.clock.instant = CLOSES - timedelta(days=1)
    row = {"row_key": "row-1", "organisation_id": str(FIRM), "form": form_with()}
    [result] = (await desk.request(OFFICER, "POST", "/imports", json={"call_id": call, "rows": [row]}))["results"]
    assert result["outcome"] == "imported"
    await desk.return_for(result["application_id"], ["project.summary"], officer=SECOND_OFFICER)
    assert (await desk.submit(result["application_id"], FIRM, 422))["facts"]["missing"] == [OFFER]
    await desk.give(result["application_id"], FIRM)
    await desk.submit(result["application_id"], FIRM)


async def test_jpeg_by_either_ending(desk: Desk, draft: str) -> None:
    for number, name in enumerate(("a.jpg", "b.JPEG")):
        assert (await desk.give(draft, FIRM, content=JPG + bytes(number + 1), name=name))["media_type"] == "image/jpeg"
