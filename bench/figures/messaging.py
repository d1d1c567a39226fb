"""Outbox to inbox, on either broker."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import asyncpg
from aiokafka import AIOKafkaConsumer

from bench.declare import Aim, Figures, Side, Sides, benchmark
from bench.message_path import MessagePath
from bench.stack import Stack
from shared.kernel.ids import new_id
from shared.messaging.broker import ensure_topics, open_producer
from shared.messaging.profile import PROFILES, BrokerKind

METRIC = "events a second"
CONNECTIONS = 8
BODY = b'{"region":"be-kortrijk","call_id":"018f3a5e-0000-7000-8000-000000000000","opened_at":"2026-01-15T12:00:00Z"}'
HEADERS = [(f"ce_header{number}", b"018f3a5e-0000-7000-8000-000000000000") for number in range(10)]


@benchmark(
    "Relay and inbox: events a second",
    unit="events/s",
    aims=tuple(Aim(f"ours on {kind}", (f"{kind} alone", "two bare inserts"), METRIC, at_least=0.9) for kind in BrokerKind),
)
async def messaging(stack: Stack) -> AsyncIterator[Sides]:
    """Ours: events in the outbox of one service, committed at once, go through relay, broker and inbox until each has had its effect
    (one row, by `write_later`, as rows that nobody reads before the commit) in the other service's database. The broker alone: as many
    messages of the same size from a producer in one process to a consumer in another, without a database. Two bare inserts: a transaction
    an event, eight connections.
    The aim is nine tenths of the slower of the two."""
    count = stack.pick(6_000, 500)
    sides: Sides = {}
    for kind in BrokerKind:
        path = await MessagePath.between(stack, kind)
        sides |= {f"ours on {kind}": _ours(path, count), f"{kind} alone": _broker(stack.broker(kind), kind, count)}
    yield sides | {"two bare inserts": _inserts(await stack.bare_database("payments"), count)}


def _ours(path: MessagePath, count: int) -> Side:
    done = 1

    async def turn() -> Figures:
        nonlocal done
        commit = await path.prepare(count)
        began = time.perf_counter()
        await commit()
        done += count
        await path.arrived(done)
        return {METRIC: count / (time.perf_counter() - began)}

    return turn


def _broker(bootstrap: str, kind: BrokerKind, count: int) -> Side:
    async def turn() -> Figures:
        topic = f"bench.{new_id()}"
        await ensure_topics(bootstrap, [topic], PROFILES[kind])
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            loop = asyncio.get_running_loop()
            taking = loop.run_in_executor(processes, _consume, bootstrap, topic, kind, count)
            giving = loop.run_in_executor(processes, _produce, bootstrap, topic, kind, count)
            return {METRIC: count / (await taking - await giving)}

    return turn


def _produce(bootstrap: str, topic: str, kind: BrokerKind, count: int) -> float:
    """Returns when it began, by the machine's clock."""

    async def produce() -> float:
        async with open_producer(bootstrap, PROFILES[kind]) as producer:
            began = time.time()
            for _ in range(0, count, 500):
                sent = [await producer.send(topic, BODY, key=str(new_id()).encode(), headers=HEADERS) for _ in range(min(500, count))]
                await asyncio.gather(*sent)
            return began

    return asyncio.run(produce())


def _consume(bootstrap: str, topic: str, kind: BrokerKind, count: int) -> float:
    """Returns when the last message had arrived, by the machine's clock."""

    async def consume() -> float:
        wait = PROFILES[kind].fetch_wait_ms
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=wait)
        await consumer.start()
        got = 0
        while got < count:
            got += sum(len(batch) for batch in (await consumer.getmany(timeout_ms=100)).values())
        ended = time.time()
        await consumer.stop()
        return ended

    return asyncio.run(consume())


def _inserts(url: str, count: int) -> Side:
    async def turn() -> Figures:
        async with asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
            await pool.execute("CREATE TABLE IF NOT EXISTS first (id uuid PRIMARY KEY, body text)")
            await pool.execute("CREATE TABLE IF NOT EXISTS second (LIKE first INCLUDING ALL)")
            began = time.perf_counter()
            await asyncio.gather(*(_insert(pool, count // CONNECTIONS) for _ in range(CONNECTIONS)))
            return {METRIC: count // CONNECTIONS * CONNECTIONS / (time.perf_counter() - began)}

    return turn


async def _insert(pool: asyncpg.Pool, count: int) -> None:
    async with pool.acquire() as connection:
        for _ in range(count):
            async with connection.transaction():
                await connection.execute("INSERT INTO first VALUES ($1, $2)", new_id(), BODY.decode())
                await connection.execute("INSERT INTO second VALUES ($1, $2)", new_id(), BODY.decode())
