"""Messages that arrive five times, late, or in reverse order. The campaign publishes them from the outbox instead of the relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from shared.kernel.services import SERVICES
from shared.messaging.broker import open_producer
from shared.messaging.envelope import message_of
from shared.messaging.relay import LEASE
from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.faults.stop import TERMINATE_LEADER
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

REPEATS, LATEST_ROWS = 5, 60
_TAKE_LEASE = f"SELECT pg_advisory_lock({LEASE})"
_LATEST = "SELECT * FROM outbox WHERE published_at IS NOT NULL ORDER BY position DESC LIMIT $1"
_UNPUBLISHED = "SELECT * FROM outbox WHERE published_at IS NULL ORDER BY position"


@fault("messages-five-times")
async def five_times(target: Target, random: SeededRandom) -> str:
    """One service's latest messages are published five times more, in a mixed order."""
    service = random.one_of(SERVICES, "service")
    async with target.superuser(service) as database:
        rows = await database.fetch(_LATEST, LATEST_ROWS)
    again = sorted(rows * REPEATS, key=lambda row: random.number("order", str(row["event_id"])))
    await _publish(target, service, again)
    return f"{len(again)} messages of {service}"


@fault("messages-late")
async def late(target: Target, random: SeededRandom) -> str:
    """One service's messages are held back for some programme days."""
    service, seconds = random.one_of(SERVICES, "service"), random.between(3, 10, "seconds")
    async with _held_back(target, service) as database:
        await asyncio.sleep(seconds)
        held = len(await database.fetch(_UNPUBLISHED))
    return f"{held} messages of {service}, {seconds} programme days"


@fault("messages-in-reverse")
async def in_reverse(target: Target, random: SeededRandom) -> str:
    """One service's messages are held back and published in reverse order; then the relay publishes them in order."""
    service, seconds = random.one_of(SERVICES, "service"), random.between(3, 8, "seconds")
    async with _held_back(target, service) as database:
        await asyncio.sleep(seconds)
        rows = await database.fetch(_UNPUBLISHED)
        await _publish(target, service, rows[::-1])
    return f"{len(rows)} messages of {service}, {seconds} programme days late"


@asynccontextmanager
async def _held_back(target: Target, service: str) -> AsyncIterator[asyncpg.Connection]:
    """Takes the relay's lease and keeps it. We wait in the lock's queue; relays only try the lock, so we get it first."""
    async with target.superuser(service) as ours, target.superuser(service) as other:
        waiting = asyncio.create_task(ours.execute(_TAKE_LEASE))
        await asyncio.sleep(0.1)
        await other.execute(TERMINATE_LEADER)
        try:
            await asyncio.wait_for(waiting, 10)
        except TimeoutError as error:
            raise Skipped(f"the lease of {service} could not be taken") from error
        yield ours


async def _publish(target: Target, service: str, rows: Sequence[asyncpg.Record]) -> None:
    signer = target.state.signers[service]
    async with open_producer(target.state.kafka, target.profile) as producer:
        for row in rows:
            await producer.send_and_wait(**message_of(signer, row))
