"""A client of Temporal can start, signal, end and reset workflows. All it causes is that rows are read again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from deploy.embedded.servers import Temporal
from services.vouchers.activities import VoucherActivities
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.deadlines.commands.set_milestone import Deadline, set_milestone
from services.vouchers.deadlines.tables import CallDateRow, MilestoneRow
from services.vouchers.deadlines.timers import call_workflow, milestone_workflow
from services.vouchers.domain.stages import Stage, VoucherStatus
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.tables import AwardRow, VoucherRow
from services.vouchers.temporal import connect, task_queue
from services.vouchers.temporal_worker import working
from services.vouchers.workflows.models import Signal, SignalKind
from services.vouchers.workflows.voucher import VoucherLifecycle
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import FundsCommitted, FundsReserved
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.vouchers.conftest import APPLICANT, KORTRIJK, Desk, voucher_of
from tests.support.databases import run_as_owner
from tests.support.desk import SEALING

CLOCK = {"day_seconds": 1, "real": "2020-01-01T00:00:00Z", "programme": "2035-01-01T00:00:00Z"}
"""Far ahead, and 86,400 times too fast."""
FORGED: dict[str, Any] = {
    "award_id": new_id(), "voucher_id": new_id(), "application_id": new_id(), "call_id": new_id(), "subject_id": new_id(),
    "organisation_id": new_id(), "region": "dk-kolding", "scheme": "growth-voucher", "policy_id": "x", "amount_minor": 900_000,
    "currency": "DKK", "kind": "bank-silence", "clock": CLOCK,
}  # fmt: skip
KEYS = {"VoucherLifecycle": {"award_id"}, "CallCalendar": {"call_id"}, "Milestone": {"subject_id", "kind"}}
"""What names the row of each workflow. Another value names no row."""
LIFECYCLE = ("award_id", "voucher_id", "application_id", "call_id", "region", "organisation_id", "scheme", "policy_id", "amount_minor")
FIELDS = {
    "VoucherLifecycle": (*LIFECYCLE, "currency", "clock"),
    "CallCalendar": ("call_id", "region", "policy_id", "clock"),
    "Milestone": ("subject_id", "kind", "region", "policy_id", "clock"),
}
"""Everything that the input of each workflow has, or had: an attacker sends what it likes."""
EACH_FIELD = [(workflow, field) for workflow, fields in FIELDS.items() for field in fields]


@dataclass
class Attack:
    """A service with its worker, and a client of Temporal in the wrong hands."""

    desk: Desk
    client: Client
    lifecycles: Lifecycles
    award: AwardGranted

    @property
    def voucher_id(self) -> UUID:
        return voucher_of(self.award)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(voucher_workflow(self.award.award_id))

    def input_of(self, workflow: str, **forged: Any) -> dict[str, Any]:
        """The input that an earlier version of the service gave the workflow."""
        granted = self.award.model_dump(mode="json")
        about = {"voucher_id": str(self.voucher_id), "subject_id": granted["application_id"], "kind": MilestoneKind.REPAIR_ENDS}
        everything = {**granted, **about, "clock": asdict(self.desk.programme_clock), **forged}
        return {field: everything[field] for field in FIELDS[workflow]}

    async def start(self, workflow: str, identity: str | None = None, **forged: Any) -> WorkflowHandle[Any, Any]:
        own = {"VoucherLifecycle": voucher_workflow(self.award.award_id), "CallCalendar": call_workflow(self.award.call_id)}
        own["Milestone"] = milestone_workflow(self.award.application_id, MilestoneKind.REPAIR_ENDS)
        given = self.input_of(workflow, **forged)
        return await self.client.start_workflow(workflow, given, id=identity or own[workflow], task_queue=task_queue(KORTRIJK))

    async def signal(self, kind: SignalKind) -> None:
        """Forged. Returns when the workflow has dealt with it."""
        await self.lifecycles.signal_voucher(self.award.award_id, Signal(event_id=new_id(), kind=kind))
        await self.handle.query(VoucherLifecycle.status)

    async def reply(self, contract: type[FundsReserved] | type[FundsCommitted], kind: SignalKind) -> None:
        """Honest: the inbox records it, and signals."""
        about = self.award.model_dump(include={"application_id", "call_id", "region", "amount_minor", "currency"})
        more = {"available_minor": 1} if contract is FundsReserved else {}
        await self.desk.run(record_reply, SYSTEM, contract(voucher_id=self.voucher_id, **about, **more))
        await self.signal(kind)

    async def row(self) -> VoucherRow | None:
        async with self.desk.sessions() as session:
            return await session.get(VoucherRow, self.voucher_id)

    async def until(self, stage: Stage) -> VoucherRow:
        async with asyncio.timeout(30):
            while (row := await self.row()) is None or row.state != stage:
                await asyncio.sleep(0.05)
        return row

    async def published(self) -> list[str]:
        return await self.desk.published(key=self.voucher_id)

    async def status(self) -> VoucherStatus:
        status: VoucherStatus = await self.handle.query(VoucherLifecycle.status)
        return status


@pytest_asyncio.fixture
async def attack(desk: Desk, temporal_server: Temporal) -> AsyncIterator[Attack]:
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    activities = VoucherActivities(desk.sessions, desk.programme_clock, desk.policies, attempts_without_a_row=3)
    async with working(client, [KORTRIJK], activities):
        yield Attack(desk, client, Lifecycles(client), desk.award())


async def rows_of(attack: Attack) -> None:
    """The rows of all three workflows. No date of the call and no deadline has come."""
    ahead = attack.desk.programme_clock.now() + timedelta(days=1)
    await attack.desk.register(attack.award)
    await run_as_owner(attack.desk.sessions.kw["bind"], "DELETE FROM call_dates")
    async with attack.desk.sessions.begin() as session:
        context, application = attack.desk.context(session), attack.award.application_id
        deadline = Deadline(MilestoneKind.REPAIR_ENDS, application, application, KORTRIJK, attack.award.policy_id)
        await set_milestone(context, deadline, due_at=ahead)
        session.add(CallDateRow(call_id=attack.award.call_id, kind=MilestoneKind.CALL_CLOSES, due_at=ahead))


@pytest.mark.parametrize(("workflow", "field"), EACH_FIELD, ids=[f"{workflow}-{field}" for workflow, field in EACH_FIELD])
async def test_forged_field_of_an_input_is_not_believed(attack: Attack, workflow: str, field: str) -> None:
    await rows_of(attack)
    handle = await attack.start(workflow, **{field: FORGED[field]})
    if field in KEYS[workflow]:
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert await attack.desk.rows(VoucherRow) == []
    elif workflow == "VoucherLifecycle":
        row = await attack.until(Stage.REQUESTED)
        award = await attack.desk.row(AwardRow, attack.award.award_id)
        named = set(AwardRow.model_fields) - {"id", "granted_at"}
        assert row.model_dump(include=named) == award.model_dump(include=named)
        assert abs(row.created_at - attack.desk.programme_clock.now()) < timedelta(minutes=1)
    else:
        await asyncio.sleep(1.5)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    reached = [row.reached_at for kind in (CallDateRow, MilestoneRow) for row in await attack.desk.rows(kind)]
    assert reached == [None, None]
    assert await attack.desk.published() == (["FundsReservationRequested"] if await attack.row() else [])


async def test_award_that_was_never_granted_makes_no_voucher(attack: Attack) -> None:
    with capture_logs() as logs, pytest.raises(WorkflowFailureError):
        await (await attack.start("VoucherLifecycle")).result()
    assert await attack.desk.rows(VoucherRow) == []
    assert (await attack.handle.describe()).status is WorkflowExecutionStatus.FAILED
    assert [log["awaits"] for log in logs if log["event"] == "workflow without a row"] == [str(attack.award.award_id)]


async def test_workflow_waits_for_an_award_that_commits_late(attack: Attack) -> None:
    await attack.start("VoucherLifecycle")
    await attack.desk.register(attack.award)
    await attack.until(Stage.REQUESTED)


async def test_award_that_comes_after_the_failure_starts_again(attack: Attack) -> None:
    with pytest.raises(WorkflowFailureError):
        await (await attack.start("VoucherLifecycle")).result()
    await attack.desk.register(attack.award)
    await attack.lifecycles.start_voucher(attack.award.award_id, KORTRIJK)
    await attack.until(Stage.REQUESTED)


@pytest.mark.parametrize("kind", SignalKind)
async def test_forged_signal_moves_no_voucher(attack: Attack, kind: SignalKind) -> None:
    """Sent at every stage until the issue; the honest way goes on in between."""
    await attack.desk.register(attack.award)
    await attack.start("VoucherLifecycle")
    expected = ["FundsReservationRequested"]
    steps: list[tuple[Stage, str, Callable[[], Awaitable[object]]]] = [
        (Stage.REQUESTED, "VoucherOffered", lambda: attack.reply(FundsReserved, SignalKind.RESERVED)),
        (Stage.OFFERED, "VoucherAccepted", lambda: accept(attack)),
        (Stage.ACCEPTED, "VoucherIssued", lambda: attack.reply(FundsCommitted, SignalKind.COMMITTED)),
    ]
    for stage, event, honest in steps:
        await attack.until(stage)
        for _ in range(2):
            await attack.signal(kind)
        await asyncio.sleep(0.3)
        assert (await attack.published(), (await attack.status()).stage) == (expected, stage)
        await honest()
        expected.append(event)
    await attack.until(Stage.ISSUED)
    await attack.signal(kind)
    await asyncio.sleep(0.3)
    assert (await attack.published(), (await attack.status()).stage) == (expected, Stage.ISSUED)


async def accept(attack: Attack) -> None:
    await attack.desk.run(answer_offer, APPLICANT, attack.voucher_id, accept=True)
    await attack.signal(SignalKind.ACCEPTED)


async def offered(attack: Attack) -> None:
    await attack.desk.register(attack.award)
    await attack.lifecycles.start_voucher(attack.award.award_id, KORTRIJK)
    await attack.until(Stage.REQUESTED)
    await attack.reply(FundsReserved, SignalKind.RESERVED)
    await attack.until(Stage.OFFERED)


async def assert_goes_on_to_the_issue(attack: Attack) -> None:
    await accept(attack)
    await attack.reply(FundsCommitted, SignalKind.COMMITTED)
    row = await attack.until(Stage.ISSUED)
    assert (row.amount_minor, row.organisation_id) == (attack.award.amount_minor, attack.award.organisation_id)
    assert await attack.published() == ["FundsReservationRequested", "VoucherOffered", "VoucherAccepted", "VoucherIssued"]


async def test_lifecycle_ended_and_started_again_forged_follows_rows(attack: Attack) -> None:
    await offered(attack)
    await attack.handle.terminate()
    others = {field: value for field, value in FORGED.items() if field != "award_id"}
    await attack.start("VoucherLifecycle", **others)
    async with asyncio.timeout(30):
        while (await attack.status()).stage is not Stage.OFFERED:
            await asyncio.sleep(0.05)
    await assert_goes_on_to_the_issue(attack)


async def test_second_workflow_of_an_award_has_no_second_effect(attack: Attack) -> None:
    await offered(attack)
    await attack.start("VoucherLifecycle", f"another-{new_id()}", clock=CLOCK)
    await asyncio.sleep(1)
    await assert_goes_on_to_the_issue(attack)


async def test_reset_lifecycle_reads_its_rows_again(attack: Attack) -> None:
    await offered(attack)
    execution = WorkflowExecution(workflow_id=voucher_workflow(attack.award.award_id))
    request = ResetWorkflowExecutionRequest(
        namespace=attack.client.namespace, workflow_execution=execution, workflow_task_finish_event_id=3, request_id=str(new_id())
    )
    await attack.client.workflow_service.reset_workflow_execution(request)
    async with asyncio.timeout(30):
        while (await attack.status()).stage is not Stage.OFFERED:
            await asyncio.sleep(0.05)
    await assert_goes_on_to_the_issue(attack)


async def test_forged_clock_lapses_no_offer(attack: Attack) -> None:
    """Nor does the timer of the forged workflow spin: it sleeps as long as the service's own clock says."""
    await offered(attack)
    await attack.handle.terminate()
    await attack.start("VoucherLifecycle", clock=CLOCK)
    await asyncio.sleep(2)
    row = await attack.row()
    assert row is not None
    assert row.state == Stage.OFFERED
    history = await attack.handle.fetch_history()
    assert len(history.events) < 20
    assert row.offered_at is not None
    assert row.offered_at < datetime(2026, 1, 6, tzinfo=UTC)
