"""The report at the end: written by the beneficiary, sent after the settlement, read by officers."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest_asyncio

from services.vouchers.commands.accept_report import accept_report, return_report
from services.vouchers.commands.record_claim import record_claim
from services.vouchers.commands.record_settlement import record_settlement
from services.vouchers.commands.send_report import send_report
from services.vouchers.commands.write_report import write_report
from services.vouchers.domain.stages import Stage
from services.vouchers.queries.desk import get_desk
from services.vouchers.tables import VoucherRow
from shared.calendars.time_limit import TimeLimit
from shared.contracts.payments import ClaimLodged, VoucherSettled
from shared.contracts.vouchers import ReportAccepted, ReportReturned, ReportSent
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.policy.instalments import Balance
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.integration.vouchers.conftest import APPLICANT, BOOK, KORTRIJK, OFFICER, Desk
from tests.support.payments import code_of
from tests.support.policies import MONEY, policy_named

ANSWERS: dict[str, Any] = {
    "result.summary": "A new shop for old books.", "result.reached": "all", "green.effect": False, "digital.effect": True,
    "digital.how": "Sales", "social.effect": False, "jobs.created": 5, "jobs.kept": 20, "partners.new": 1,
}  # fmt: skip


@pytest_asyncio.fixture
async def voucher(desk: Desk) -> VoucherRow:
    """Issued, under a policy that wants a report."""
    desk.policy = policy_named(BOOK, MONEY[KORTRIJK], date(2026, 12, 1))
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


class Balanced(PolicyBook):
    """Every policy keeps a tenth of the claims until the final report is accepted."""

    balance = Balance(share_bp=1_000, report_within=TimeLimit(value=30, unit="calendar-days", start="day-after"))

    def get(self, policy_id: str) -> Policy:
        return super().get(policy_id).model_copy(update={"balance": self.balance})

    def all(self) -> tuple[Any, ...]:
        """With the ids to which the vouchers are pinned."""
        return tuple(SimpleNamespace(id=policy.id, balance=self.balance) for policy in super().all())


async def test_officer_decides_on_the_report_that_frees_the_balance(desk: Desk, voucher: VoucherRow) -> None:
    """The final report is a condition of the payment of the balance, not its consequence."""
    form = BOOK.report_in_force(desk.clock.instant.date())
    desk.policies = Balanced(BOOK.all(), reports=[form])
    about = voucher.model_dump(include={"application_id", "call_id", "region", "currency"}) | {"voucher_id": voucher.id}
    claim = ClaimLodged(**about, claim_id=new_id(), eligible_minor=1, requested_minor=1, check_by=desk.clock.instant)
    await desk.run(write_report, APPLICANT, voucher.id, ANSWERS, 0)
    assert await code_of(desk.run(send_report, APPLICANT, voucher.id)) == "not-claimed"
    await desk.run(record_claim, SYSTEM, claim)
    assert await code_of(desk.run(accept_report, OFFICER, voucher.id)) == "report-not-sent"
    await desk.run(send_report, APPLICANT, voucher.id)
    assert await code_of(desk.run(accept_report, APPLICANT, voucher.id)) == "wrong-role"

    returned = await desk.run(return_report, OFFICER, voucher.id, "Say how many jobs were kept.")
    assert (returned.state, returned.note, returned.sent_by) == ("draft", "Say how many jobs were kept.", None)
    [event] = await desk.events(ReportReturned)
    assert event.body["due_at"] == "2026-09-03T22:00:00Z"
    await desk.run(send_report, APPLICANT, voucher.id)
    assert (await desk.run(get_desk, OFFICER, KORTRIJK)).reports.count == 1
    for _ in range(2):
        assert (await desk.run(accept_report, OFFICER, voucher.id)).state == "accepted"
    assert (await desk.run(get_desk, OFFICER, KORTRIJK)).reports.count == 0
    assert await code_of(desk.run(return_report, OFFICER, voucher.id, "Too late.")) == "report-not-sent"
    assert await code_of(desk.run(write_report, APPLICANT, voucher.id, {}, returned.version)) == "report-sent"
    assert len(await desk.events(ReportAccepted)) == 1
