"""The report at the end: written by the beneficiary, sent after the settlement, read by officers."""

from typing import Any

import pytest_asyncio

from services.vouchers.commands.record_settlement import record_settlement
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import VoucherRow
from shared.contracts.payments import VoucherSettled
from shared.contracts.vouchers import ReportSent
from shared.identity.actor import SYSTEM
from tests.integration.vouchers.conftest import APPLICANT, BOOK, KORTRIJK, OFFICER, Desk

ANSWERS: dict[str, Any] = {
    "result.summary": "A new shop for old books.", "result.reached": "all", "green.effect": False, "digital.effect": True,
    "digital.how": "Sales", "social.effect": False, "jobs.created": 5, "jobs.kept": 20, "partners.new": 1,
}  # fmt: skip


@pytest_asyncio.fixture
async def voucher(desk: Desk) -> VoucherRow:
    """Issued, under a policy that wants a report."""
    desk.policy = next(policy for policy in BOOK.all() if policy.region == KORTRIJK and policy.report)
    return await desk.voucher(Stage.ISSUED)


async def settle(desk: Desk, voucher: VoucherRow) -> None:
    about = voucher.model_dump(include={"application_id", "call_id", "region", "currency"}) | {"voucher_id": voucher.id}
    await desk.run(record_settlement, SYSTEM, VoucherSettled(**about, paid_minor=400_000, recovered_minor=0, released_minor=100_000))


async def test_report_is_written_before_and_sent_after_the_settlement(desk: Desk, voucher: VoucherRow) -> None:
    path = f"/vouchers/{voucher.id}/report"
    empty = await desk.request(APPLICANT, "GET", path, language="nl")
    assert (empty["wanted"], empty["state"], empty["due_at"], empty["version"]) == (True, "open", None, 0)
    assert empty["sections"][0]["title"] == "Wat is bereikt"
    half = {name: ANSWERS[name] for name in ("result.summary", "digital.effect")}
    draft = await desk.request(APPLICANT, "PUT", path, json={"version": 0, "answers": half})
    assert draft["missing"] == [name for name in ANSWERS if name not in half]
    stale = await desk.request(APPLICANT, "PUT", path, 409, json={"version": 0, "answers": half})
    assert stale["code"] == "report-changed"
    assert (await desk.request(APPLICANT, "POST", f"{path}/submission", 409))["code"] == "not-settled"

    await settle(desk, voucher)
    assert (await desk.request(APPLICANT, "GET", path))["due_at"] == "2026-03-06T23:00:00Z"
    refusal = await desk.request(APPLICANT, "POST", f"{path}/submission", 422)
    assert (refusal["code"], refusal["errors"][0]["field"]) == ("report-incomplete", "answers.result.reached")
    assert (await desk.request(OFFICER, "GET", path))["answers"] is None, "a draft is nobody else's"
    await desk.request(APPLICANT, "PUT", path, json={"version": 1, "answers": ANSWERS})
    for _ in range(2):
        assert (await desk.request(APPLICANT, "POST", f"{path}/submission"))["state"] == "sent"
    assert (await desk.request(APPLICANT, "PUT", path, 409, json={"version": 2, "answers": {}}))["code"] == "report-sent"

    assert (await desk.request(OFFICER, "GET", path))["answers"] == ANSWERS
    [listed] = (await desk.request(OFFICER, "GET", "/reports?state=sent"))["items"]
    assert listed["voucher_id"] == str(voucher.id)
    assert len(await desk.events(ReportSent)) == 1


async def test_answer_that_is_not_well_formed_stands_at_its_question(desk: Desk, voucher: VoucherRow) -> None:
    wrong = {
        "result.reached": "some", "jobs.created": 4.0, "green.effect": "yes", "jobs.kept": -1, "nothing.such": 1, "green.how": "x" * 1_501,
    }  # fmt: skip
    refusal = await desk.request(APPLICANT, "PUT", f"/vouchers/{voucher.id}/report", 422, json={"version": 0, "answers": wrong})
    assert {error["field"] for error in refusal["errors"]} == {f"answers.{name}" for name in wrong}


async def test_policy_without_a_report_asks_for_none(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    assert (await desk.request(APPLICANT, "GET", f"/vouchers/{voucher.id}/report"))["wanted"] is False
    refusal = await desk.request(APPLICANT, "PUT", f"/vouchers/{voucher.id}/report", 409, json={"version": 0, "answers": {}})
    assert refusal["code"] == "no-report"
