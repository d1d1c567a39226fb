"""A little programme around the lifecycles: the service itself on a real database, skipped time, and somebody who answers as payments."""

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
from services.vouchers.domain.stages import Stage, Standing
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.subscribers import handlers
from services.vouchers.tables import LateSignalRow, StepRow, VoucherRow
from services.vouchers.workflows.models import Position
from shared.contracts import BY_TYPE, payments, vouchers
from shared.contracts.evaluation import AwardGranted
from shared.database import Sessions
from shared.identity.actor import Actor, Role
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id, new_id
from shared.messaging.context import Context
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.inbox import Inbox
from shared.messaging.tables import OutboxRow
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOUR_YEARS_SINCE = date(2026, 1, 1)
"""From this day on the tests' policies let a voucher of Kortrijk be valid for four years."""
ORGANISATION = UUID(int=77)
PATIENCE_SECONDS = 20

Some = TypeVar("Some", bound=Event)
Reply = Callable[["Programme", Any], list[Event]]


def applicant(region: str) -> Actor:
    return Actor("applicant", frozenset({Role.APPLICANT}), frozenset({region}), ORGANISATION)


def officer(region: str) -> Actor:
    return Actor("officer", frozenset({Role.OFFICER}), frozenset({region}))


def _about(event: Any) -> dict[str, Any]:
    return event.model_dump(include={"voucher_id", "application_id", "call_id", "region"})


def _money(event: Any) -> dict[str, Any]:
    return {**_about(event), "amount_minor": 500_000, "currency": "EUR"}


def settled(about: dict[str, Any], paid_minor: int = 0) -> payments.VoucherSettled:
    money = {"paid_minor": paid_minor, "recovered_minor": 0, "released_minor": 500_000 - paid_minor, "currency": "EUR"}
    return payments.VoucherSettled(**about, **money)


def _after_a_deadline(programme: "Programme", event: vouchers.MilestoneReached) -> list[Event]:
    return [settled(programme.about)] if event.kind == "claim-window-ends" else []


def _after_a_stop(programme: "Programme", event: Any) -> list[Event]:
    return [settled(programme.about)] if programme.heard(vouchers.VoucherIssued) else []


REPLIES: dict[type[Event], Reply] = {
    vouchers.FundsReservationRequested: lambda _, event: [payments.FundsReserved(**_money(event), available_minor=1)],
    vouchers.VoucherAccepted: lambda _, event: [payments.FundsCommitted(**_money(event))],
    vouchers.FundsReleaseRequested: lambda _, event: [payments.FundsReleased(**_money(event), available_minor=1)],
    vouchers.MilestoneReached: _after_a_deadline,
    vouchers.VoucherWithdrawn: _after_a_stop,
    vouchers.VoucherRevoked: _after_a_stop,
}
"""What payments answers when all goes well. A test takes a reply out to answer by hand."""


def delivery(event: Event, at: datetime, event_id: UUID | None = None) -> Delivery:
    headers = {
        "ce_id": str(event_id or new_id()),
        "ce_type": event.type,
        "ce_time": at.isoformat(),
        "ce_subject": str(event.key),
        "ce_correlationid": str(event.correlation_id),
    }
    return Delivery(event.topic, headers, event.model_dump_json().encode())


class Programme:
    """`tell` delivers an event; `wait_for` delivers whatever was published, and payments' replies, until something has happened.

    `deaf`: nothing that was published is delivered. `stutter`: every delivery is first taken by a handler that crashes before it commits.
    """

    def __init__(self, env: WorkflowEnvironment, sessions: Sessions, clock: ProgrammeClock, book: PolicyBook, policy: Policy) -> None:
        self.env, self.sessions, self.clock, self.book, self.policy = env, sessions, clock, book, policy
        self.client: Client = env.client
        self.lifecycles = Lifecycles(self.client)
        self.handlers = handlers(self.lifecycles, clock)
        self.inbox = Inbox("vouchers", sessions, clock, book, self.handlers)
        self.replies = dict(REPLIES)
        self.stutter = self.deaf = False
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
        return self.clock.at(await self.env.get_current_time())

    async def go_to(self, instant: datetime) -> None:
        """Skips programme time; what is due on the way happens on the way. Then whatever was published is delivered."""
        await self.env.sleep(self.clock.real_time_until(instant, await self.env.get_current_time()))
        await self.deliver()

    async def tell(self, *events: Event, earlier: timedelta = timedelta()) -> None:
        """`earlier`: how long ago it happened."""
        for event in events:
            await self._take(delivery(event, await self.now() - earlier))

    async def tell_in_vain(self, event: Event) -> None:
        """Its handler crashes before it commits."""
        await self._crash(delivery(event, await self.now()))

    async def grant(self) -> None:
        await self.tell(
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

    async def act(self, command: Callable[..., Awaitable[Any]], actor: Actor, *arguments: Any, **options: Any) -> VoucherRow:
        """What a person does, through the command that the route calls; then it is delivered."""
        async with self.sessions.begin() as session:
            row: VoucherRow = await command(Context(session, actor, self.book, await self.now()), *arguments, **options)
        await self.deliver()
        return row

    async def deliver(self) -> None:
        """Gives what was published since to the service itself and to payments, which answers at once."""
        async with self.sessions() as session:
            query = select(OutboxRow).where(OutboxRow.position > self.position).order_by(OutboxRow.position)  # type: ignore[operator, arg-type]
            rows = list((await session.scalars(query)).all())
        for row in [] if self.deaf else rows:
            self.position = row.position or 0
            event = BY_TYPE[row.type].model_validate(row.body)
            self.log.append(event)
            await self._take(delivery(event, row.time, row.event_id))
            await self.tell(*self.replies.get(type(event), lambda *_: [])(self, event))

    async def _take(self, one: Delivery) -> None:
        if self.stutter and one.type in self.inbox.handlers:
            await self._crash(one)
        await self.inbox.take([one])

    async def _crash(self, one: Delivery) -> None:
        contract, handle = self.inbox.handlers[one.type]
        async with self.sessions() as session:
            await handle(self.inbox._context(session, one), contract.read(one.body))
            await session.rollback()

    def heard(self, contract: type[Some]) -> list[Some]:
        return [event for event in self.log if isinstance(event, contract)]

    def milestones(self) -> list[tuple[str, datetime]]:
        return [(event.kind, event.due_at) for event in self.heard(vouchers.MilestoneReached)]

    def milestones_of(self, subject_id: UUID) -> list[tuple[str, datetime]]:
        return [(event.kind, event.due_at) for event in self.heard(vouchers.MilestoneReached) if event.subject_id == subject_id]

    def overdue(self) -> list[datetime]:
        """When it was that payments should have answered, each time that it had not."""
        return [due_at for kind, due_at in self.milestones_of(self.voucher_id) if kind == "answer-overdue"]

    async def wait_for(self, contract: type[Some], count: int = 1) -> Some:
        """The latest of `count` events of a kind; AssertionError with what was heard instead when it does not come in time."""

        async def has_come() -> bool:
            return len(self.heard(contract)) >= count

        await self.until(has_come, contract.__name__)
        return self.heard(contract)[-1]

    async def until(self, happened: Callable[[], Awaitable[bool]], what: str) -> None:
        for _ in range(PATIENCE_SECONDS * 20):
            await self.deliver()
            if await happened():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come; heard: {[type(event).__name__ for event in self.log]}")

    async def until_standing(self, wanted: Callable[[Standing], bool]) -> None:
        async def stands() -> bool:
            return wanted(await self.standing())

        await self.until(stands, "the standing")

    async def until_stage(self, stage: Stage) -> None:
        await self.until_standing(lambda standing: standing.stage is stage)

    async def offered(self) -> vouchers.VoucherOffered:
        """The voucher is granted, if it was not yet, and offered."""
        if not self.heard(vouchers.VoucherOffered):
            await self.grant()
        return await self.wait_for(vouchers.VoucherOffered)

    async def issued(self) -> vouchers.VoucherIssued:
        await self.offered()
        await self.act(answer_offer, applicant(self.policy.region), self.voucher_id, accept=True)
        return await self.wait_for(vouchers.VoucherIssued)

    async def claim(self) -> UUID:
        claim_id, check_by = new_id(), await self.now() + timedelta(days=28)
        amounts = {"eligible_minor": 900_000, "requested_minor": 270_000, "currency": "EUR"}
        await self.tell(payments.ClaimLodged(**self.about, claim_id=claim_id, check_by=check_by, **amounts))
        return claim_id

    async def steps(self) -> int:
        async with self.sessions() as session:
            return len((await session.scalars(select(col(StepRow.number)))).all())

    async def until_steps(self, count: int) -> None:
        async def taken() -> bool:
            return await self.steps() >= count

        await self.until(taken, f"step {count}")

    async def late_signals(self) -> list[str]:
        async with self.sessions() as session:
            return list((await session.scalars(select(col(LateSignalRow.signal)))).all())

    async def standing(self) -> Standing:
        standing = await self.lifecycles.standing(self.award_id)
        assert standing is not None
        return standing

    async def row(self) -> VoucherRow:
        async with self.sessions() as session:
            return await session.get_one(VoucherRow, self.voucher_id)

    async def end(self) -> str:
        """The outcome that the voucher closed with, once its workflow has ended too."""
        closed = await self.wait_for(vouchers.VoucherClosed)
        position = await self.lifecycle.result()
        assert position.outcome == closed.outcome
        return closed.outcome
