"""Four services as one: a desk each, on databases of their own, and what each publishes given to the others. Timers are moved by the test:
it says which milestone is reached, and takes the steps of a voucher's lifecycle."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.app import SERVICE as APPLICATIONS
from services.applications.subscribers import HANDLERS as OF_APPLICATIONS
from services.evaluation.app import SERVICE as EVALUATION
from services.evaluation.subscribers import HANDLERS as OF_EVALUATION
from services.payments.commands.confirm_envelope import confirm_envelope
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.issue_voucher import issue_voucher
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.subscribers import handlers
from services.vouchers.tables import AwardRow, VoucherRow
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind, SelectionMethod
from shared.messaging.context import Context
from shared.messaging.envelope import Delivery, headers_of
from shared.messaging.tables import OutboxRow
from shared.policy.call import CallDefinition
from shared.policy.schema import Policy
from tests.conftest import FreshDatabase
from tests.support.applications import BOOK, KEY, keep_files
from tests.support.desk import SEALING, ServiceDesk, assembled
from tests.support.event_keys import signed
from tests.support.identity import Issuer
from tests.support.milestones import milestone
from tests.support.payments import Payments, Voucher

FULL_SHARE = 85
"""Of the points of each criterion that every evaluator gives."""


class NoTimers:
    """In the place of Temporal: every signal is taken, and nothing is timed."""

    def __getattr__(self, name: str) -> Any:
        async def taken(*_: Any, **__: Any) -> bool:
            return True

        return taken


@dataclass
class Chain:
    """`policy`: of the call that is played."""

    policy: Policy
    applications: ServiceDesk
    evaluation: ServiceDesk
    vouchers: ServiceDesk
    payments: Payments
    positions: dict[str, int] = field(default_factory=dict)
    closes_at: datetime | None = None

    @property
    def desks(self) -> tuple[ServiceDesk, ...]:
        return self.applications, self.evaluation, self.vouchers, self.payments

    @property
    def now(self) -> datetime:
        return self.payments.clock.instant

    def pass_to(self, instant: datetime) -> None:
        self.payments.clock.instant = max(self.now, instant)

    def person(self, role: Role, number: int = 1, organisation: UUID | None = None) -> Actor:
        return Actor(f"{role.value}-{number}", grants({role}, {self.policy.region}), organisation)

    async def carry(self) -> None:
        """Gives every desk what the others have published, until nothing new comes of it."""
        while news := [one for desk in self.desks for one in await self._published(desk)]:
            for desk in self.desks:
                await desk.inbox.take(news)
                await desk.inbox.retry_parked()

    async def _published(self, desk: ServiceDesk) -> list[Delivery]:
        query = select(OutboxRow).where(col(OutboxRow.position) > self.positions.get(desk.service, 0)).order_by(col(OutboxRow.position))
        async with desk.sessions() as session:
            rows = list(await session.scalars(query))
        for row in rows:
            self.positions[desk.service] = row.position or 0
        return [
            signed(Delivery(row.topic, str(row.key).encode(), headers_of(desk.service, row.model_dump()), json.dumps(row.body).encode()))
            for row in rows
        ]

    async def reach(self, kind: MilestoneKind, subject: UUID, due_at: datetime) -> None:
        self.pass_to(due_at)
        for desk in (self.applications, self.evaluation, self.payments):
            await desk.deliver(milestone(kind, subject, due_at, self.policy.region))
        await self.carry()

    async def published(self, day: date, days: int = 30) -> UUID:
        """A call that opens on this day at ten, and is open; its budget is confirmed."""
        opens_at = datetime.combine(day, time(10))
        definition = CallDefinition(
            id="a-call", region=self.policy.region, scheme=self.policy.scheme, title=dict.fromkeys(self.policy.languages, "Call"),
            opens_at=opens_at, closes_at=opens_at + timedelta(days=days), evaluation_due=(opens_at + timedelta(days=days + 40)).date(),
            reserve_list_ends=(opens_at + timedelta(days=days + 100)).date(), reminders_before_days=(1,),
            envelope_minor=10 * self.policy.value.largest_minor, currency=self.policy.currency,
        )  # fmt: skip
        body = definition.model_dump(mode="json")
        call = await self.applications.request(self.person(Role.OFFICER), "POST", "/calls", 201, json=body)
        self.closes_at = definition.instants(self.policy.zone).closes_at
        await self.carry()
        await self.payments.run(confirm_envelope, self.payments.finance(7), UUID(call["id"]))
        await self.reach(MilestoneKind.CALL_OPENS, UUID(call["id"]), definition.instants(self.policy.zone).opens_at)
        return UUID(call["id"])

    async def eligible(self, call_id: UUID, form: dict[str, Any]) -> tuple[UUID, Actor]:
        """An application that was submitted and found eligible, and who applies."""
        applicant = self.person(Role.APPLICANT, organisation=new_id())
        body = {"call_id": str(call_id), "form": form}
        draft = await self.applications.request(applicant, "POST", "/applications", 201, key=f"key-{new_id()}", json=body)
        await self.applications.request(applicant, "POST", f"/applications/{draft['id']}/submission")
        verdict = await self.applications.request(self.person(Role.OFFICER, 2), "POST", f"/applications/{draft['id']}/screening")
        failed = [rule["rule"] for rule in verdict["assessment"]["rules"] if not rule["passed"]]
        assert (verdict["state"], failed) == ("eligible", [])
        await self.carry()
        return UUID(draft["id"]), applicant

    async def granted(self, call_id: UUID, application_id: UUID) -> AwardRow:
        """By the method of the policy: at once, or by two score sheets, the list and the end of the appeals."""
        if self.policy.selection.method is SelectionMethod.RANKING:
            for number in (1, 2):
                profile = {"region": self.policy.region, "languages": list(self.policy.languages), "topics": ["design"]}
                body = profile | {"evaluator_id": f"evaluator-{number}"}
                await self.evaluation.request(self.person(Role.OFFICER, 3), "POST", "/evaluators", 201, json=body)
            assert self.closes_at is not None, "the call is published"
            await self.reach(MilestoneKind.CALL_CLOSES, call_id, self.closes_at)
            await self._score()
            path = f"/calls/{call_id}/ranking"
            ranking = await self.evaluation.request(self.person(Role.OFFICER, 4), "GET", path)
            approval = {"list_hash": ranking["list_hash"]}
            await self.evaluation.request(self.person(Role.OFFICER, 4), "POST", f"{path}/approval", json=approval)
            await self.carry()
            await self.reach(MilestoneKind.APPEALS_OVER, call_id, self.policy.deadline(self.policy.appeal, self.now))
        [award] = [row for row in await self.vouchers.rows(AwardRow) if row.application_id == application_id]
        return award

    async def _score(self) -> None:
        rules = self.policy.evaluation
        assert rules is not None, "a ranking has criteria"
        scores = {one.id: one.points_max * FULL_SHARE // 100 for one in rules.criteria}
        words = dict.fromkeys(scores, "Of what the call asks for, nearly all is there.")
        listed = await self.evaluation.request(self.person(Role.OFFICER, 3), "GET", "/assignments", params={"limit": 200})
        for one in listed["items"]:
            evaluator = Actor(one["evaluator_id"], grants({Role.EVALUATOR}, {self.policy.region}))
            path = f"/assignments/{one['id']}"
            await self.evaluation.request(evaluator, "POST", f"{path}/declaration", json={"conflict": False})
            sheet = {"scores": scores, "justifications": words, "comment": "Good."}
            await self.evaluation.request(evaluator, "POST", f"{path}/scores", json=sheet)
        await self.carry()

    async def issued(self, award: AwardRow, applicant: Actor) -> Voucher:
        """Reserved, offered, accepted, committed and issued."""

        async def step(context: Context, command: Any, voucher_id: UUID) -> None:
            await command(context, await lock_voucher(context, voucher_id), self.policy)

        row = await self.vouchers.run(request_reservation, SYSTEM, award.id)
        assert row is not None, "the award is registered"
        await self.carry()
        await self.vouchers.run(step, SYSTEM, send_offer, row.id)
        await self.vouchers.run(answer_offer, applicant, row.id, accept=True)
        await self.carry()
        await self.vouchers.run(step, SYSTEM, issue_voucher, row.id)
        await self.carry()
        voucher = await self.vouchers.row(VoucherRow, row.id)
        assert voucher.state == "issued"
        assert voucher.organisation_id == applicant.organisation_id
        ids = (voucher.id, voucher.call_id, voucher.application_id, voucher.organisation_id)
        return Voucher(*ids, amount_minor=voucher.amount_minor, region=voucher.region)

    async def nothing_lost(self) -> None:
        for desk in self.desks:
            await desk.assert_nothing_lost()


@asynccontextmanager
async def chain_of(policy: Policy, fresh_database: FreshDatabase, issuer: Issuer, folder: Path) -> AsyncIterator[Chain]:
    """The four desks, with one clock that stands before the first call."""
    engines = [create_engine(await fresh_database(name), pool=5) for name in ("payments", "vouchers")]
    payments = Payments(engines[0], folder, policy.region)
    payments.policy = policy
    for each in (payments, payments.inbox, payments.outgoing, payments.incoming):
        each.policies = BOOK
    clock = payments.clock
    vouchers = ServiceDesk("vouchers", sessions_of(engines[1], SEALING), clock, BOOK, handlers(NoTimers()))  # type: ignore[arg-type]
    urls = [await fresh_database(name) for name in ("applications", "evaluation")]
    async with (
        assembled(APPLICATIONS, urls[0], issuer, clock, BOOK, KEY) as (one, of_one, first),
        assembled(EVALUATION, urls[1], issuer, clock, BOOK, KEY) as (other, of_other, second),
    ):
        keep_files(one, folder / "files")
        applications = ServiceDesk("applications", first, clock, BOOK, OF_APPLICATIONS, issuer, one, of_one)
        evaluation = ServiceDesk("evaluation", second, clock, BOOK, OF_EVALUATION, issuer, other, of_other)
        yield Chain(policy, applications, evaluation, vouchers, payments)
    for engine in engines:
        await engine.dispose()
