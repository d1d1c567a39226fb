"""Voucher lifecycles against bare workflows."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.bare.lifecycle import BareLifecycle
from bench.bare.workflow import NAMESPACE, QUEUE, TABLES
from bench.declare import Aim, Figures, Side, Sides, benchmark
from bench.stack import PROGRAMME_NOW, Stack
from deploy.embedded.data_directory import REPOSITORY
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.temporal import connect
from services.vouchers.workflows.models import Signal, SignalKind
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import FundsReleased, FundsReserved
from shared.database import create_engine, sessions_of
from shared.database.sealing import Sealer
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.kernel.ids import derive_id, new_id
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook

METRIC = "lifecycles a second"
REGION = "be-kortrijk"
AT_ONCE = 24
ORGANISATION = UUID(int=7)
CALL = UUID(int=1)
CALL_OPENED = text(
    "INSERT INTO calls (id, region, slug, scheme, selection_method, policy_id) VALUES (:id, :region, 'bench', :scheme, 'draw', :policy_id)"
)
EXISTS = text("SELECT 1 FROM vouchers WHERE award_id = :id")
OFFERED = text("SELECT 1 FROM vouchers WHERE id = :id AND state = 'offered'")


@benchmark("Lifecycles", unit="lifecycles/s", aims=(Aim("ours", "bare workflow", METRIC, at_least=0.8),))
async def lifecycles(stack: Stack) -> AsyncIterator[Sides]:
    """Ours: award, reserved, offered, declined, released, closed: four local activities, three signals, timers for reminder and
    lapse, and an answer by command in between; each step a row changed under its lock, its result kept and its event written.
    Bare: four local activities of two inserts each, three signals, two inserts in between, no timer. Same Temporal, same
    PostgreSQL, a worker process of the same settings each, 24 at a time."""
    count = stack.pick(96, 12)
    url, bare_url = await stack.database("vouchers"), await stack.bare_database("payments")
    temporal = {"TRIPTYCH_TEMPORAL": stack.temporal.address, "TRIPTYCH_TEMPORAL_NAMESPACE": NAMESPACE, "TRIPTYCH_TEMPORAL_KEYS": "00" * 32}
    client = await connect(stack.temporal.address, NAMESPACE, Sealer([bytes(32)]))
    in_clear = await Client.connect(stack.temporal.address, namespace=NAMESPACE, data_converter=pydantic_data_converter)
    bare = await asyncpg.create_pool(bare_url.replace("+asyncpg", ""), min_size=4, max_size=4)
    for table in TABLES:
        await bare.execute(table)
    stack.run("services.vouchers.temporal_worker", stack.environment(url) | temporal, "--region", REGION)
    stack.run("bench.bare.workflow", stack.environment(bare_url) | temporal)
    ours = _Ours(client, url)
    await ours.open_call()
    yield {"ours": _many(count, ours.live), "bare workflow": _many(count, _Bare(in_clear, bare).live)}
    await bare.close()


def _many(count: int, live: Callable[[], Awaitable[None]]) -> Side:
    async def turn() -> Figures:
        room = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with room:
                await live()

        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(count)))
        return {METRIC: count / (time.perf_counter() - began)}

    return turn


class _Ours:
    """Acts for payments and the beneficiary, with the commands of the service."""

    def __init__(self, client: Client, url: str) -> None:
        self.lifecycles = Lifecycles(client)
        self.sessions = sessions_of(create_engine(url))
        self.clock = ProgrammeClock(DAY_SECONDS, datetime.now(UTC), datetime.fromisoformat(PROGRAMME_NOW))
        self.book = load_book(REPOSITORY / "regions")
        self.policy = next(policy for policy in self.book.all() if policy.region == REGION)
        self.beneficiary = Actor("beneficiary", grants({Role.APPLICANT}, {REGION}), ORGANISATION)

    async def live(self) -> None:
        """The rows that the inbox writes for an award and for the replies of payments are written here, before each signal."""
        granted = self._award()
        voucher = {
            "voucher_id": derive_id(granted.award_id, "voucher"),
            **granted.model_dump(include={"application_id", "call_id", "region"}),
        }
        amount = {"amount_minor": granted.amount_minor, "currency": granted.currency}
        await self._record(register_award, granted)
        await self.lifecycles.start_voucher(granted.award_id, REGION)
        while not await self._exists(granted.award_id):
            await asyncio.sleep(0.05)
        await self._record(record_reply, FundsReserved(**voucher, **amount, available_minor=0))
        await self._signal(granted, SignalKind.RESERVED)
        while not await self._declined(voucher["voucher_id"]):
            await asyncio.sleep(0.05)
        await self._signal(granted, SignalKind.DECLINED)
        await self._record(record_reply, FundsReleased(**voucher, **amount, available_minor=0))
        await self._signal(granted, SignalKind.RELEASED)
        await self.lifecycles.client.get_workflow_handle(voucher_workflow(granted.award_id)).result()

    async def open_call(self) -> None:
        async with self.sessions.begin() as session:
            facts = {"id": CALL, "region": REGION, "scheme": self.policy.scheme, "policy_id": self.policy.id}
            await session.execute(CALL_OPENED, facts)

    async def _record(self, command: Callable[[Context, Any], Awaitable[None]], event: Event) -> None:
        async with self.sessions.begin() as session:
            await command(Context(session, SYSTEM, self.book, self.clock.now), event)

    async def _exists(self, award_id: UUID) -> bool:
        async with self.sessions() as session:
            return await session.scalar(EXISTS, {"id": award_id}) is not None

    async def _declined(self, voucher_id: UUID) -> bool:
        """Declines the offer. Returns False while there is no offer."""
        async with self.sessions.begin() as session:
            if await session.scalar(OFFERED, {"id": voucher_id}) is None:
                return False
            await answer_offer(Context(session, self.beneficiary, PolicyBook([]), self.clock.now), voucher_id, accept=False)
            return True

    async def _signal(self, granted: AwardGranted, kind: SignalKind) -> None:
        await self.lifecycles.signal_voucher(granted.award_id, Signal(event_id=new_id(), kind=kind))

    def _award(self) -> AwardGranted:
        application = new_id()
        return AwardGranted(
            award_id=derive_id(application, "award", 1),
            grant_number=1,
            application_id=application,
            call_id=CALL,
            region=REGION,
            organisation_id=ORGANISATION,
            scheme=self.policy.scheme,
            policy_id=self.policy.id,
            amount_minor=500_000,
            currency=self.policy.currency,
            rank=1,
            from_reserve=False,
        )


class _Bare:
    def __init__(self, client: Client, pool: asyncpg.Pool) -> None:
        self.client, self.pool = client, pool

    async def live(self) -> None:
        identity = f"bare-{new_id()}"
        handle = await self.client.start_workflow(BareLifecycle.run, id=identity, task_queue=QUEUE)
        await handle.signal(BareLifecycle.receive)
        while not await self.pool.fetchval("SELECT 1 FROM first WHERE workflow_id = $1 AND step = 2", identity):
            await asyncio.sleep(0.05)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO first VALUES ($1, $2, 0, '{}')", new_id(), identity)
            await connection.execute("INSERT INTO second VALUES ($1, '{}')", new_id())
        await handle.signal(BareLifecycle.receive)
        await handle.signal(BareLifecycle.receive)
        await handle.result()
