"""Voucher lifecycles against bare workflows."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
from bench.stack import BENCH_SEALER, PROGRAMME_NOW, Stack
from deploy.embedded.data_directory import REPOSITORY
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.temporal import connect
from services.vouchers.workflows.models import Signal, SignalKind
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import FundsReleased, FundsReserved
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.kernel.ids import derive_id, new_id
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.policy.loader import load_book

METRIC = "lifecycles a second"
REGION = "be-kortrijk"
AT_ONCE = 24
ORGANISATION = UUID(int=7)
CALL = UUID(int=1)
CALL_OPENED = text(
    "INSERT INTO calls (id, region, slug, scheme, selection_method, policy_id) VALUES (:id, :region, 'bench', :scheme, 'draw', :policy_id)"
)
STATES = text("SELECT id, state FROM vouchers WHERE id = ANY(:ids)")
STEPS = "SELECT workflow_id, max(step) FROM first WHERE workflow_id = ANY($1) GROUP BY workflow_id"


@benchmark("Lifecycles", unit="lifecycles/s", aims=(Aim("ours", "bare workflow", METRIC, at_least=0.9),))
async def lifecycles(stack: Stack) -> AsyncIterator[Sides]:
    """Ours: award, reserved, offered, declined, released, closed: four local activities, three signals, timers for reminder and
    lapse, and an answer by command in between; each step a row changed under its lock, its result kept and its event written.
    The rows of an award and of the replies of payments are written by the commands of the inbox, in transactions of all that has arrived
    meanwhile, as an inbox does; what else an inbox does is measured by `signing` and `messaging`. A reply comes once the voucher is there.
    Bare: four local activities of two inserts each, three signals, two inserts in between, no timer; the first signal is sent when the
    first step has written its rows, as a reply is. *at once*: it is sent with the start, which saves a workflow task, as no lifecycle can.
    Same Temporal, same PostgreSQL, a worker process of the same settings each, 24 at a time, one read every 50 ms for all of them."""
    count = stack.pick(96, 12)
    url, bare_url = await stack.database("vouchers"), await stack.bare_database("payments")
    temporal = {"TRIPTYCH_TEMPORAL": stack.temporal.address, "TRIPTYCH_TEMPORAL_NAMESPACE": NAMESPACE, "TRIPTYCH_TEMPORAL_KEYS": "00" * 32}
    client = await connect(stack.temporal.address, NAMESPACE, BENCH_SEALER)
    in_clear = await Client.connect(stack.temporal.address, namespace=NAMESPACE, data_converter=pydantic_data_converter)
    bare = await asyncpg.create_pool(bare_url.replace("+asyncpg", ""), min_size=4, max_size=4)
    for table in TABLES:
        await bare.execute(table)
    stack.run("services.vouchers.temporal_worker", stack.environment(url) | temporal, "--region", REGION)
    stack.run("bench.bare.workflow", stack.environment(bare_url) | temporal)
    ours = _Ours(client, url)
    await ours.open_call()
    yield {
        "ours": _many(count, ours.live),
        "bare workflow": _many(count, _Bare(in_clear, bare).live),
        "bare workflow, at once": _many(count, _Bare(in_clear, bare, at_once=True).live),
    }
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


class _Watched:
    """How far lifecycles have come, by their keys: one read every 50 ms for all who wait."""

    def __init__(self, read: Callable[[list[Any]], Awaitable[Mapping[Any, object]]]) -> None:
        self.read = read
        self.stages: dict[UUID | str, object] = {}
        self.reading: asyncio.Task[None] | None = None

    async def reaches(self, key: UUID | str, stage: object) -> None:
        self.stages.setdefault(key, None)
        while self.stages[key] != stage:
            if self.reading is None or self.reading.done():
                self.reading = asyncio.create_task(self._read())
            await self.reading

    async def _read(self) -> None:
        await asyncio.sleep(0.05)
        self.stages |= await self.read(list(self.stages))


class _Ours:
    """Acts for payments and the beneficiary, with the commands of the service."""

    def __init__(self, client: Client, url: str) -> None:
        self.lifecycles = Lifecycles(client)
        self.sessions = sessions_of(create_engine(url), BENCH_SEALER)
        self.clock = ProgrammeClock(DAY_SECONDS, datetime.now(UTC), datetime.fromisoformat(PROGRAMME_NOW))
        self.book = load_book(REPOSITORY / "regions")
        self.policy = next(policy for policy in self.book.all() if policy.region == REGION)
        self.beneficiary = Actor("beneficiary", grants({Role.APPLICANT}, {REGION}), ORGANISATION)
        self.arrived: list[tuple[Callable[[Context, Any], Awaitable[None]], Event]] = []
        self.batch = asyncio.Lock()
        self.watched = _Watched(self._read_states)

    async def live(self) -> None:
        granted = self._award()
        amount = {"amount_minor": granted.amount_minor, "currency": granted.currency}
        about = {
            "voucher_id": derive_id(granted.award_id, "voucher"),
            **granted.model_dump(include={"application_id", "call_id", "region"}),
        }
        await self._record(register_award, granted)
        await self.lifecycles.start_voucher(granted.award_id, REGION)
        await self.watched.reaches(about["voucher_id"], Stage.REQUESTED)
        await self._record(record_reply, FundsReserved(**about, **amount, available_minor=0))
        await self._signal(granted, SignalKind.RESERVED)
        await self.watched.reaches(about["voucher_id"], Stage.OFFERED)
        async with self.sessions.begin() as session:
            await answer_offer(Context(session, self.beneficiary, self.book, self.clock.now), about["voucher_id"], accept=False)
        await self._record(record_reply, FundsReleased(**about, **amount, available_minor=0))
        await asyncio.gather(*(self._signal(granted, kind) for kind in (SignalKind.DECLINED, SignalKind.RELEASED)))
        await self.lifecycles.client.get_workflow_handle(voucher_workflow(granted.award_id)).result()
        del self.watched.stages[about["voucher_id"]]

    async def open_call(self) -> None:
        async with self.sessions.begin() as session:
            facts = {"id": CALL, "region": REGION, "scheme": self.policy.scheme, "policy_id": self.policy.id}
            await session.execute(CALL_OPENED, facts)

    async def _record(self, command: Callable[[Context, Any], Awaitable[None]], event: Event) -> None:
        """Returns when the event's rows are written. What arrives while a batch is written is the next batch, as in an inbox."""
        self.arrived.append((command, event))
        async with self.batch:
            batch, self.arrived = self.arrived, []
            if not batch:
                return
            async with self.sessions.begin() as session:
                for record, arrived in batch:
                    await record(Context(session, SYSTEM, self.book, self.clock.now), arrived)
                    await session.flush()

    async def _signal(self, granted: AwardGranted, kind: SignalKind) -> None:
        await self.lifecycles.signal_voucher(granted.award_id, Signal(event_id=new_id(), kind=kind))

    async def _read_states(self, vouchers: list[UUID]) -> Mapping[UUID, object]:
        async with self.sessions() as session:
            return {row.id: row.state for row in await session.execute(STATES, {"ids": vouchers})}

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
    def __init__(self, client: Client, pool: asyncpg.Pool, *, at_once: bool = False) -> None:
        self.client, self.pool, self.at_once = client, pool, at_once
        self.watched = _Watched(self._read_steps)

    async def live(self) -> None:
        identity = f"bare-{new_id()}"
        handle = await self.client.start_workflow(BareLifecycle.run, id=identity, task_queue=QUEUE)
        if not self.at_once:
            await self.watched.reaches(identity, 1)
        await handle.signal(BareLifecycle.receive)
        await self.watched.reaches(identity, 2)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO first VALUES ($1, $2, 0, '{}')", new_id(), identity)
            await connection.execute("INSERT INTO second VALUES ($1, '{}')", new_id())
        await asyncio.gather(*(handle.signal(BareLifecycle.receive) for _ in range(2)))
        await handle.result()
        del self.watched.stages[identity]

    async def _read_steps(self, workflows: list[str]) -> Mapping[str, object]:
        return dict(await self.pool.fetch(STEPS, workflows))
