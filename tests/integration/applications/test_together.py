"""Drafts, submissions and screenings of one moment: one transaction, and every rule as if each came alone."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.contracts.applications import ApplicantJoined, ApplicationFoundEligible, ApplicationFoundIneligible, ApplicationSubmitted
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, OFFICER, applicant, form_with
from tests.support.milestones import milestone

FIRMS = [UUID(int=number) for number in range(200, 206)]
TRANSACTIONS = text("SELECT count(DISTINCT CAST(xmin AS text)) FROM applications")


async def transactions(desk: Desk) -> int:
    """By how many the rows of applications were written last."""
    async with desk.sessions() as session:
        return int(await session.scalar(TRANSACTIONS) or 0)


async def drafts(desk: Desk, *calls: str) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*(desk.draft(call, firm) for call, firm in zip(calls, FIRMS, strict=True))))


async def test_requests_of_one_moment_share_a_transaction(desk: Desk, call_id: str) -> None:
    second = (await desk.publish_call(id="second"))["id"]
    begun = await drafts(desk, *[call_id] * 3, *[second] * 3)
    assert await transactions(desk) == 1
    assert [(one["state"], one["form"]["applicant"]["name"]) for one in begun] == [("draft", form_with()["applicant"]["name"])] * 6
    receipts = await asyncio.gather(*(desk.submit(one["id"], firm) for one, firm in zip(begun, FIRMS, strict=True)))
    assert await transactions(desk) == 1
    assert [receipt["sequence"] for receipt in receipts] == [1, 2, 3, 1, 2, 3]
    assert [await desk.submit(one["id"], firm) for one, firm in zip(begun, FIRMS, strict=True)] == receipts
    screened = await asyncio.gather(*(desk.screen(one["id"]) for one in begun))
    assert await transactions(desk) == 1
    assert [one["state"] for one in screened] == ["eligible"] * 6
    assert [await desk.screen(one["id"]) for one in begun] == screened
    for contract in (ApplicantJoined, ApplicationSubmitted, ApplicationFoundEligible):
        assert len(await desk.events(contract)) == 6


async def test_one_that_is_refused_holds_up_no_other(desk: Desk, call_id: str) -> None:
    """Answers missing, another live application, somebody else's, one that does not exist: each has its own refusal."""
    begun = await drafts(desk, *[call_id] * 6)
    again = await desk.draft(call_id, FIRMS[2], project__title="Another project")
    half = await desk.draft(call_id, UUID(int=300), costs__requested_minor=None)
    asked = [(begun[0], FIRMS[0], 200), (half, UUID(int=300), 422), (begun[1], FIRMS[0], 403), (begun[2], FIRMS[2], 200)]
    answers = await asyncio.gather(
        *(desk.submit(one["id"], firm, expect) for one, firm, expect in asked),
        desk.submit(again["id"], FIRMS[2], 409),
        desk.submit(str(new_id()), FIRMS[3], 404),
    )
    assert [one.get("code", "") for one in answers] == [
        *("", "incomplete", "not-owner", "", "live-application-exists", "unknown-application")
    ]  # fmt: skip
    assert [event.body["sequence"] for event in await desk.events(ApplicationSubmitted)] == [1, 2]


async def test_a_key_of_a_request_counts_once_among_many(desk: Desk, call_id: str) -> None:
    body = {"call_id": call_id, "form": form_with()}
    same = [desk.request(applicant(FIRMS[0]), "POST", "/applications", 201, key="same-key", json=body) for _ in range(3)]
    one, *repeated = await asyncio.gather(*same)
    assert repeated == [one, one]
    assert len(await desk.events(ApplicantJoined)) == 1


async def test_a_result_after_the_close_completes_screening_alone(desk: Desk, call_id: str) -> None:
    """While a call is open nobody waits for it; who closes it waits for those who screen."""
    ids = [one["id"] for one in await drafts(desk, *[call_id] * 6)]
    await asyncio.gather(*(desk.submit(one, firm) for one, firm in zip(ids, FIRMS, strict=True)))
    async with desk.sessions() as holder:
        await holder.execute(text("SELECT 1 FROM calls FOR NO KEY UPDATE"))
        await asyncio.gather(*(desk.screen(one) for one in ids[:3]))
        await holder.commit()
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    await asyncio.gather(*(desk.screen(one) for one in ids[3:]))
    call = await desk.request(OFFICER, "GET", f"/calls/{call_id}")
    assert call["screening_completed_at"] is not None


@pytest.mark.parametrize("town", ["Koprivnica", "Elsewhere"])
async def test_a_case_is_judged_among_many_as_alone(desk: Desk, call_id: str, town: str) -> None:
    answers = {} if town == "Koprivnica" else {"applicant__activity_code": "01.11"}
    ids = [await desk.submitted(call_id, firm, **answers) for firm in FIRMS[:2]]
    first = await desk.screen(ids[0])
    async with desk.sessions() as holder:  # its row is not free, so it is left to the command for one
        await holder.execute(text("SELECT 1 FROM applications WHERE state = 'submitted' FOR NO KEY UPDATE"))
        alone = asyncio.create_task(desk.screen(ids[1]))
        await asyncio.sleep(0.2)
        await holder.commit()
    second = await alone
    assert first["assessment"] == second["assessment"]
    events = await desk.events(ApplicationFoundEligible if first["state"] == "eligible" else ApplicationFoundIneligible)
    of_one, of_other = (event.body | {"application_id": "", "sequence": 0, "organisation_id": "", "submitted_at": ""} for event in events)
    assert of_one == of_other
