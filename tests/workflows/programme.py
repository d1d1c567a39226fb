"""A small programme around the workflows: the service on a real database, skipped time, and payments' replies."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.deadlines.commands.plan_call import plan_call
from services.vouchers.domain.stages import Stage, VoucherStatus
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.subscribers import handlers
from services.vouchers.tables import LateSignalRow, StepRow, VoucherRow
from services.vouchers.workflows.models import Position
from shared.contracts import BY_TYPE, payments, vouchers
from shared.contracts.applications import CallPublished
from shared.contracts.evaluation import AwardGranted
from shared.database import Sessions
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import MilestoneKind, SelectionMethod
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.tables import OutboxRow
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.support.desk import FrozenClock, ServiceDesk, delivery_of

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOUR_YEARS_SINCE = date(2026, 1, 1)
"""From this day on the tests' policies let a voucher of Kortrijk be valid for four years."""
ORGANISATION = UUID(int=77)
PATIENCE_SECONDS = 20

Contract = TypeVar("Contract", bound=Event)
Reply = Callable[["Programme", Any], list[Event]]


def applicant(region: str) -> Actor:
    return Actor("applicant", grants({Role.APPLICANT}, {region}), ORGANISATION)


def officer(region: str) -> Actor:
    return Actor("officer", grants({Role.OFFICER}, {region}))


def settled(about: dict[str, Any], paid_minor: int = 0) -> payments.VoucherSettled:
    money = {"paid_minor": paid_minor, "recovered_minor": 0, "released_minor": 500_000 - paid_minor, "currency": "EUR"}
    return payments.VoucherSettled(**about, **money)


def _money(event: Any) -> dict[str, Any]:
    about: dict[str, Any] = event.model_dump(include={"voucher_id", "application_id", "call_id", "region"})
    return {**about, "amount_minor": 500_000, "currency": "EUR"}


def _after_a_deadline(programme: "Programme", event: vouchers.MilestoneReached) -> list[Event]:
    return [settled(programme.about)] if event.kind == MilestoneKind.CLAIM_WINDOW_ENDS else []


def _after_a_stop(programme: "Programme", event: Any) -> list[Event]:
    return [settled(programme.about)] if programme.published(vouchers.VoucherIssued) else []


REPLIES: dict[type[Event], Reply] = {
    vouchers.FundsReservationRequested: lambda _, event: [payments.FundsReserved(**_money(event), available_minor=1)],
    vouchers.VoucherAccepted: lambda _, event: [payments.FundsCommitted(**_money(event))],
    vouchers.FundsReleaseRequested: lambda _, event: [payments.FundsReleased(**_money(event), available_minor=1)],
    vouchers.MilestoneReached: _after_a_deadline,
    vouchers.VoucherWithdrawn: _after_a_stop,
    vouchers.VoucherRevoked: _after_a_stop,
}
"""The replies of payments when all goes well. A test removes a reply to give it by hand."""


class Programme:
    """`deliver` passes an event of another service to the inbox. `relay` passes what the service has published to itself and to
    payments, and the replies back; `wait_for` does so until an event was published.

    `relay_stopped`: nothing that was published is delivered. `crash_first`: every event is first handled by a handler that crashes
    before its commit.
    """

    def __init__(self, env: WorkflowEnvironment, sessions: Sessions, clock: ProgrammeClock, book: PolicyBook, policy: Policy) -> None:
        self.env, self.clock, self.book, self.policy = env, clock, book, policy
        self.client: Client = env.client
        self.lifecycles = Lifecycles(self.client)
        self.desk = ServiceDesk("vouchers", sessions, FrozenClock(BEGINNING), book, handlers(self.lifecycles))
        self.replies = dict(REPLIES)
        self.crash_first = self.relay_stopped = False
        self.position = 0
        self.log: list[Event] = []
        self.call_id, self.application_id = new_id(), new_id()
        self.award_id = derive_id(self.application_id, "award", 1)
        self.voucher_id = derive_id(self.award_id, "voucher")

    @property
    def about(self) -> dict[str, Any]:
        ids = {"voucher_id": self.voucher_id, "application_id": self.application_id, "call_id": self.call_id}
        return {**ids, "region": self.policy.region}

    @property
    def lifecycle(self) -> WorkflowHandle[Any, Position]:
        return self.client.get_workflow_handle(voucher_workflow(self.award_id), result_type=Position)

    async def now(self) -> datetime:
        """Programme time; the clock of the desk is set to it."""
        self.desk.clock.instant = self.clock.at(await self.env.get_current_time())
        return self.desk.clock.instant

    async def go_to(self, instant: datetime) -> None:
        """Skips programme time: deadlines on the way are reached. Then relays what was published."""
        await self.env.sleep(self.clock.real_time_until(instant, await self.env.get_current_time()))
        await self.relay()

    async def deliver(self, *events: Event, ago: timedelta = timedelta()) -> None:
        """`ago`: how long ago they happened."""
        for event in events:
            await self._take(delivery_of(event, await self.now() - ago))

    async def deliver_and_crash(self, event: Event) -> None:
        """The handler crashes before its commit."""
        await self._crash(delivery_of(event, await self.now()))

    async def open_call(self, policy: Policy | None = None) -> None:
        """The row of the call, without the workflow of its calendar. It closes at once."""
        policy = policy or self.policy
        about = {"region": policy.region, "slug": "a-call", "scheme": policy.scheme, "policy_id": policy.id}
        money = {"selection_method": SelectionMethod.DRAW, "currency": policy.currency, "envelope_minor": 1_000_000}
        dates = dict.fromkeys(("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at"), BEGINNING)
        await self.desk.run(plan_call, SYSTEM, CallPublished(call_id=self.call_id, **about, **money, **dates))

    async def grant(self) -> None:
        await self.open_call()
        await self.deliver(
            AwardGranted(
                application_id=self.application_id,
                call_id=self.call_id,
                region=self.policy.region,
                award_id=self.award_id,
                grant_number=1,
                organisation_id=ORGANISATION,
                scheme=self.policy.scheme,
                amount_minor=500_000,
                currency=self.policy.currency,
                policy_id=self.policy.id,
                rank=1,
                from_reserve=False,
            )
        )

    async def run(self, command: Callable[..., Awaitable[VoucherRow]], actor: Actor, *arguments: Any, **options: Any) -> VoucherRow:
        """Runs the command of a route, then relays what it published."""
        await self.now()
        row = await self.desk.run(command, actor, *arguments, **options)
        await self.relay()
        return row

    async def relay(self) -> None:
        """Delivers what was published since the last call to the service itself and to payments, which replies at once."""
        query = select(OutboxRow).where(col(OutboxRow.position) > self.position).order_by(col(OutboxRow.position))
        async with self.desk.sessions() as session:
            rows = list((await session.scalars(query)).all())
        for row in [] if self.relay_stopped else rows:
            self.position = row.position or 0
            event = BY_TYPE[row.type].model_validate(row.body)
            self.log.append(event)
            await self._take(delivery_of(event, row.time, row.event_id))
            await self.deliver(*self.replies.get(type(event), lambda *_: [])(self, event))

    def published(self, contract: type[Contract]) -> list[Contract]:
        return [event for event in self.log if isinstance(event, contract)]

    def milestones(self) -> list[tuple[str, datetime]]:
        return [(event.kind, event.due_at) for event in self.published(vouchers.MilestoneReached)]

    def milestones_of(self, subject_id: UUID) -> list[tuple[str, datetime]]:
        return [(event.kind, event.due_at) for event in self.published(vouchers.MilestoneReached) if event.subject_id == subject_id]

    def overdue(self) -> list[datetime]:
        """When each reply of payments that was announced as overdue was due."""
        return [due_at for kind, due_at in self.milestones_of(self.voucher_id) if kind == MilestoneKind.ANSWER_OVERDUE]

    async def wait_for(self, contract: type[Contract], count: int = 1) -> Contract:
        """The latest of `count` events of a contract. AssertionError, naming what was published instead, when it does not come."""

        async def has_come() -> bool:
            return len(self.published(contract)) >= count

        await self.until(has_come, contract.__name__)
        return self.published(contract)[-1]

    async def until(self, happened: Callable[[], Awaitable[bool]], what: str) -> None:
        for _ in range(PATIENCE_SECONDS * 20):
            await self.relay()
            if await happened():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come; published: {[type(event).__name__ for event in self.log]}")

    async def until_status(self, wanted: Callable[[VoucherStatus], bool]) -> None:
        async def reached() -> bool:
            return wanted(await self.status())

        await self.until(reached, "the status")

    async def until_stage(self, stage: Stage) -> None:
        await self.until_status(lambda status: status.stage is stage)

    async def offered(self) -> vouchers.VoucherOffered:
        """Grants the award, if that was not done, and waits for the offer."""
        if not self.published(vouchers.VoucherOffered):
            await self.grant()
        return await self.wait_for(vouchers.VoucherOffered)

    async def issued(self) -> vouchers.VoucherIssued:
        await self.offered()
        await self.run(answer_offer, applicant(self.policy.region), self.voucher_id, accept=True)
        return await self.wait_for(vouchers.VoucherIssued)

    async def claim(self) -> UUID:
        claim_id, check_by = new_id(), await self.now() + timedelta(days=28)
        amounts = {"eligible_minor": 900_000, "requested_minor": 270_000, "currency": "EUR"}
        await self.deliver(payments.ClaimLodged(**self.about, claim_id=claim_id, check_by=check_by, **amounts))
        return claim_id

    async def steps(self) -> int:
        return len(await self.desk.rows(StepRow))

    async def until_steps(self, count: int) -> None:
        async def taken() -> bool:
            return await self.steps() >= count

        await self.until(taken, f"step {count}")

    async def late_signals(self) -> list[str]:
        return [row.signal for row in await self.desk.rows(LateSignalRow)]

    async def status(self) -> VoucherStatus:
        status = await self.lifecycles.status(self.award_id)
        assert status is not None
        return status

    async def row(self) -> VoucherRow:
        row: VoucherRow = await self.desk.row(VoucherRow, self.voucher_id)
        return row

    async def end(self) -> str:
        """The outcome that the voucher closed with, once its workflow has ended too."""
        closed = await self.wait_for(vouchers.VoucherClosed)
        position = await self.lifecycle.result()
        assert position.outcome == closed.outcome
        return closed.outcome

    async def _take(self, delivery: Delivery) -> None:
        if self.crash_first and delivery.type in self.desk.inbox.handlers:
            await self._crash(delivery)
        await self.desk.inbox.take([delivery])

    async def _crash(self, delivery: Delivery) -> None:
        contract, handle = self.desk.inbox.handlers[delivery.type]
        async with self.desk.sessions() as session:
            await handle(self.desk.inbox._context(session, delivery.id, delivery), contract.read(delivery.body))
            await session.rollback()
