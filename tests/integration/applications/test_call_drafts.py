"""Calls written by one officer and published by another; their texts, corrected afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.applications import CallCorrected, CallPublished
from shared.identity.actor import Actor
from shared.kernel.ids import new_id
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, HERE, OFFICER, SECOND_OFFICER, call_definition

TEXTS = {"en": "For studios that try something new.", "hr": "Za studije koji isprobavaju nešto novo.", "pl": "Dla pracowni."}


async def drafted(desk: Desk, **more: Any) -> Any:
    body = {"region": HERE, "scheme": "digital-voucher", **more}
    return await desk.request(OFFICER, "POST", "/call-drafts", 201, key=f"key-{new_id()}", json=body)


async def written(desk: Desk, draft: Any, expect: int = 200, **changed: Any) -> Any:
    values = call_definition().model_dump(mode="json", exclude={"region", "scheme", "currency", "reminders_before_days", "round"})
    content = {key: value for key, value in (values | {"text": TEXTS} | changed).items() if value is not None}
    body = {"version": draft["version"], "content": content}
    return await desk.request(OFFICER, "PUT", f"/call-drafts/{draft['id']}", expect, json=body)


async def waiting(desk: Desk, who: Actor) -> tuple[int, int]:
    """How many drafts there are to publish, and how many came back."""
    found = await desk.request(who, "GET", "/desk")
    return found["drafts_to_publish"]["count"], found["drafts_returned"]["count"]


async def test_call_is_written_by_one_and_published_by_another(desk: Desk) -> None:
    draft = await drafted(desk)
    path = f"/call-drafts/{draft['id']}"
    assert {"id", "opens_at", "envelope_minor", "title.hr", "text.en"} <= {fault["field"] for fault in draft["faults"]}
    assert (await desk.request(OFFICER, "POST", f"{path}/submission", 422))["code"] == "call-incomplete"
    saved = await written(desk, draft)
    assert (saved["faults"], saved["own"]) == ([], True)
    assert (await written(desk, draft, expect=409))["code"] == "draft-changed"
    preview = await desk.request(SECOND_OFFICER, "GET", f"{path}/preview")
    assert (preview["text"], preview["number"], preview["state"]) == (TEXTS, 0, "published")
    await desk.request(OFFICER, "POST", f"{path}/submission")
    assert [await waiting(desk, who) for who in (OFFICER, SECOND_OFFICER)] == [(0, 0), (1, 0)]
    assert (await desk.request(OFFICER, "POST", f"{path}/publication", 403))["code"] == "incompatible-step"
    back = await desk.request(SECOND_OFFICER, "POST", f"{path}/return", json={"words": "The title is too long."})
    assert (back["state"], back["returned_words"]) == ("draft", "The title is too long.")
    assert [await waiting(desk, who) for who in (OFFICER, SECOND_OFFICER)] == [(0, 1), (0, 0)]
    await desk.request(OFFICER, "POST", f"{path}/submission")
    read = {"version": saved["version"] - 1}  # it was taken back since, changed, and submitted again
    assert (await desk.request(SECOND_OFFICER, "POST", f"{path}/publication", 409, params=read))["code"] == "draft-changed"
    call = await desk.request(SECOND_OFFICER, "POST", f"{path}/publication", params={"version": saved["version"]})
    assert (call["id"], call["text"], call["state"]) == (draft["id"], TEXTS, "published")
    [event] = await desk.events(CallPublished)
    assert (event.actor, event.body["title"]) == (SECOND_OFFICER.id, call_definition().title)
    later = {"closes_at": (CLOSES + timedelta(days=1)).isoformat(), "reason": "outage"}
    await desk.request(OFFICER, "POST", f"/calls/{call['id']}/extension", json=later)  # who wrote it may still extend it


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"closes_at": "2025-12-01T10:00:00"}, "closes_at", "closes-before-it-opens"),
        ({"evaluation_due": "2026-01-01"}, "evaluation_due", "evaluation-before-the-close"),
        ({"reserve_list_ends": "2028-12-01"}, "reserve_list_ends", "reserve-list-after-programme-end"),
        ({"envelope_minor": 1}, "envelope_minor", "envelope-too-small"),
        ({"opens_at": "2019-01-01T10:00:00"}, "opens_at", "no-policy-in-force"),
        ({"title": {"en": "Only English"}}, "title.hr", "call-text-missing"),
    ],
)
async def test_each_fault_of_a_draft_has_its_field(desk: Desk, changed: dict[str, Any], field: str, code: str) -> None:
    saved = await written(desk, await drafted(desk), **changed)
    assert (field, code) in [(fault["field"], fault["code"]) for fault in saved["faults"]]


async def test_copy_opens_on_the_same_weekday_in_the_future(desk: Desk) -> None:
    call = await desk.publish_call()
    desk.clock.instant = CLOSES
    copy = await drafted(desk, copy_of=call["id"])
    content, source = copy["content"], call_definition()
    assert content["opens_at"] == f"{source.opens_at + timedelta(weeks=52):%Y-%m-%dT%H:%M:%S}"
    assert (content["title"], content["envelope_minor"], content["id"]) == (dict(source.title), source.envelope_minor, None)
    assert content["evaluation_due"] == str(source.evaluation_due + timedelta(weeks=52))


async def test_draft_begins_from_a_file_of_the_region(desk: Desk) -> None:
    source = call_definition()
    desk.app.state.templates = [source]
    schemes = await desk.request(OFFICER, "GET", "/schemes")
    [scheme] = [one for one in schemes if one["scheme"] == source.scheme]
    assert [template["id"] for template in scheme["templates"]] == [source.id]
    assert scheme["title"] == {"en": "Digital voucher", "hr": "Digitalni vaučer"}
    content = (await drafted(desk, template=source.id))["content"]
    assert (content["title"], content["opens_at"]) == (dict(source.title), f"{source.opens_at:%Y-%m-%dT%H:%M:%S}")
    body = {"region": HERE, "scheme": "digital-voucher", "template": "no-such"}
    assert (await desk.request(OFFICER, "POST", "/call-drafts", 422, key="key-no-such", json=body))["code"] == "unknown-template"


async def test_correction_is_a_version_that_everybody_sees(desk: Desk, call_id: str) -> None:
    call = await desk.request(OFFICER, "GET", f"/calls/{call_id}")
    body = {"version": 1, "title": call["title"] | {"en": "Digital voucher, round one"}, "text": TEXTS, "words": "The title was wrong."}
    path = f"/calls/{call_id}/correction"
    corrected = await desk.request(OFFICER, "POST", path, json=body)
    assert (corrected["title"]["en"], corrected["wording_version"]) == ("Digital voucher, round one", 2)
    assert (await desk.request(OFFICER, "POST", path, 409, json=body))["code"] == "call-corrected"
    refused = await desk.request(OFFICER, "POST", path, 422, json=body | {"version": 2})
    assert refused["code"] == "nothing-changed"
    public = await desk.request(OFFICER, "GET", f"/open-calls/{call['number']}")
    assert [(one["version"], one["words"], one["changed"]) for one in public["versions"]] == [
        (2, "The title was wrong.", ["title.en", "text.en", "text.hr", "text.pl"]),
        (1, "", []),
    ]
    assert (public["title"]["en"], public["text"]) == ("Digital voucher, round one", TEXTS)
    assert [(row.body["number"], row.body["version"]) for row in await desk.events(CallCorrected)] == [(call["number"], 2)]
