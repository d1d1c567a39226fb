"""Concurrent requests: what the locks and constraints are for."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationFoundEligible, ApplicationSubmitted, CallClosed, ScreeningCompleted
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.applications.conftest import Desk, wait_for_lock_queue
from tests.support.applications import CLOSES, FIRM, OFFICER, applicant, form_with
from tests.support.databases import run_as_owner
from tests.support.milestones import milestone

FIRMS = [UUID(int=number) for number in range(100, 112)]


async def test_sequences_have_no_gaps_and_follow_the_instants(desk: Desk, call_id: str) -> None:
    drafts = [(await desk.draft(call_id, firm))["id"] for firm in FIRMS]
    receipts = await asyncio.gather(*(desk.submit(draft, firm) for draft, firm in zip(drafts, FIRMS, strict=True)))
    assert sorted(receipt["sequence"] for receipt in receipts) == list(range(1, len(FIRMS) + 1))
    assert [event.body["sequence"] for event in await desk.events(ApplicationSubmitted)] == list(range(1, len(FIRMS) + 1))


async def test_concurrent_submissions_of_a_draft_are_one(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM)
    receipts = await asyncio.gather(*(desk.submit(draft["id"], FIRM) for _ in range(6)))
    assert len({receipt["receipt"] for receipt in receipts}) == 1
    assert len(await desk.events(ApplicationSubmitted)) == 1


async def test_concurrent_drafts_of_a_firm_give_one_live_application(desk: Desk, call_id: str) -> None:
    drafts = [(await desk.draft(call_id, FIRM, project__title=f"Project {'x' * 9 * number}"))["id"] for number in range(4)]
    paths = [f"/api/applications/applications/{draft}/submission" for draft in drafts]
    headers = {"Authorization": f"Bearer {desk.issuer.mint(applicant())}"}
    answers = await asyncio.gather(*(desk.client.post(path, headers=headers) for path in paths))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}


async def test_concurrent_submissions_to_two_calls_are_compared(desk: Desk, call_id: str) -> None:
    """The same project of one organisation: the second submission waits for the first, although it goes to another call."""
    drafts = [(await desk.draft(call, FIRM))["id"] for call in (call_id, (await desk.publish_call(id="second"))["id"])]
    paths = [f"/api/applications/applications/{draft}/submission" for draft in drafts]
    headers = {"Authorization": f"Bearer {desk.issuer.mint(applicant())}"}
    async with desk.sessions() as holder:
        await holder.execute(text("SELECT 1 FROM calls FOR NO KEY UPDATE"))
        submissions = [asyncio.create_task(desk.client.post(path, headers=headers)) for path in paths]
        await wait_for_lock_queue(desk, 2)
        await holder.commit()
    answers = await asyncio.gather(*submissions)
    assert sorted(answer.json().get("code", "") for answer in answers) == ["", "duplicate-application"]


async def test_concurrent_last_screenings_complete_it_once(desk: Desk, call_id: str) -> None:
    ids = [await desk.submitted(call_id, firm) for firm in FIRMS]
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    each = [desk.screen(identity) for identity in ids]
    whole = [desk.screen_call(call_id, limit=5) for _ in range(3)]
    await asyncio.gather(*each, *whole)
    (completed,) = await desk.events(ScreeningCompleted)
    assert completed.body["eligible"] == len(FIRMS)
    assert len(await desk.events(ApplicationFoundEligible)) == len(FIRMS)


async def test_submission_that_waited_past_the_close_is_refused(desk: Desk, call_id: str) -> None:
    """It was sent before the end, but CallClosed has already published the count."""
    draft = await desk.draft(call_id, FIRM)
    async with desk.sessions() as holder:
        await holder.execute(text("SELECT 1 FROM calls FOR NO KEY UPDATE"))
        submission = asyncio.create_task(desk.submit(draft["id"], FIRM, expect=422))
        await asyncio.sleep(0.2)
        await holder.execute(text("UPDATE calls SET state = 'closed'"))
        await holder.commit()
    assert (await submission)["code"] == "deadline-passed"


async def test_application_is_locked_before_its_call(desk: Desk, call_id: str) -> None:
    """A submission that waits for its application holds up no other one; it waits for the call last."""
    for firm, held, other, expected in ((FIRMS[0], "applications", "calls", 0), (FIRMS[1], "calls", "applications", 1)):
        draft = await desk.draft(call_id, firm)
        async with desk.sessions() as holder:
            await holder.execute(text(f"SELECT 1 FROM {held} FOR NO KEY UPDATE"))
            submission = asyncio.create_task(desk.submit(draft["id"], firm))
            await wait_for_lock_queue(desk)
            free = f"SELECT count(*) FROM (SELECT 1 FROM {other} FOR NO KEY UPDATE SKIP LOCKED) AS _"
            async with desk.sessions() as looker:
                locked = await looker.scalar(text(f"SELECT (SELECT count(*) FROM {other}) - ({free})"))
            await holder.commit()
            await submission
        assert locked == expected, f"while {held} was held"


async def test_rows_are_read_again_after_waiting_for_a_lock(desk: Desk, call_id: str) -> None:
    """Of both rows: the values from before the wait would give a number twice, or submit answers that were replaced."""
    draft = await desk.draft(call_id, FIRM)
    async with desk.sessions() as first, desk.sessions() as second:
        application = (await first.scalars(select(ApplicationRow).with_for_update(key_share=True))).one()
        await second.execute(text("UPDATE calls SET submitted = 6"))
        submission = asyncio.create_task(desk.submit(draft["id"], FIRM))
        await wait_for_lock_queue(desk)
        application.form = (application.form or {}) | {"costs": {**(application.form or {})["costs"], "requested_minor": 1}}
        application.requested_minor = 1
        await first.commit()
        await wait_for_lock_queue(desk)
        await second.commit()
    assert (await submission)["sequence"] == 7
    (event,) = await desk.events(ApplicationSubmitted)
    assert event.body["requested_minor"] == 1


async def test_concurrent_closings_of_a_call_are_one(desk: Desk, call_id: str) -> None:
    await desk.submitted(call_id, FIRM)
    desk.clock.instant = CLOSES
    await asyncio.gather(*(desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES)) for _ in range(3)))
    (closed,) = await desk.events(CallClosed)
    assert closed.body["submitted"] == 1


async def test_list_sent_concurrently_imports_each_row_once(desk: Desk, call_id: str) -> None:
    rows = [{"row_key": f"row-{firm.int}", "organisation_id": str(firm), "form": form_with()} for firm in FIRMS]
    body = {"call_id": call_id, "rows": rows}
    answers = await asyncio.gather(*(desk.request(OFFICER, "POST", "/imports", json=body) for _ in range(3)))
    outcomes = Counter(result["outcome"] for answer in answers for result in answer["results"])
    assert outcomes == {"imported": len(FIRMS), "already-imported": 2 * len(FIRMS)}
    assert len(await desk.events(ApplicationSubmitted)) == len(FIRMS)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE applications SET state = 'lost', live_slot = NULL", "ck_applications_state"),
        ("UPDATE applications SET receipt = NULL", "ck_applications_receipt"),
        ("UPDATE applications SET state = 'draft', live_slot = NULL", "ck_applications_draft"),
        ("UPDATE applications SET live_slot = NULL", "ck_applications_slot"),
        ("UPDATE applications SET state = 'returned'", "ck_applications_repair"),
        ("UPDATE applications SET state = 'eligible'", "ck_applications_amount"),
        ("UPDATE applications SET state = 'ineligible', live_slot = NULL", "ck_applications_reason"),
        ("UPDATE applications SET decision = 'perhaps'", "ck_applications_decision"),
        ("UPDATE applications SET organisation_id = '00000000-0000-0000-0000-000000000063'", "uq_applications_live"),
        ("UPDATE applications SET sequence = 1", "uq_applications_sequence"),
        ("UPDATE calls SET closes_at = first_closes_at - interval '1 day'", "ck_calls_extension"),
        ("UPDATE calls SET evaluation_due_at = opens_at", "ck_calls_dates"),
        ("UPDATE calls SET screening_completed_at = now()", "ck_calls_screening"),
    ],
)
async def test_database_refuses_impossible_rows(desk: Desk, call_id: str, statement: str, constraint: str) -> None:
    await desk.submitted(call_id, FIRMS[0])
    await desk.submitted(call_id, FIRMS[1])
    with pytest.raises(IntegrityError, match=constraint):
        await run_as_owner(desk.sessions.kw["bind"], statement)
