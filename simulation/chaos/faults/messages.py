"""Messages five times, late, and in reverse. What an outbox holds is published by us in the relay's place."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from deploy.embedded.databases import SERVICES
from shared.messaging.broker import open_producer
from shared.messaging.envelope import headers_of
from shared.messaging.relay import LEASE
from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.faults.stop import DISMISS_LEADER
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

TIMES, LAST = 5, 60
_LEAD = f"SELECT pg_advisory_lock({LEASE})"
_LATEST = "SELECT * FROM outbox WHERE published_at IS NOT NULL ORDER BY position DESC LIMIT $1"
_HELD = "SELECT * FROM outbox WHERE published_at IS NULL ORDER BY position"


@fault("messages-five-times")
async def five_times(field: Field, dice: Dice) -> str:
    """One service's latest messages, each five times more, all mixed up."""
    service = dice.one_of(SERVICES, "service")
    async with field.superuser(service) as database:
        rows = await database.fetch(_LATEST, LAST)
    again = sorted(rows * TIMES, key=lambda row: dice.number("order", str(row["event_id"])))
    await _publish(field, service, again)
    return f"{len(again)} messages of {service}"


@fault("messages-late")
async def late(field: Field, dice: Dice) -> str:
    """One service's messages held back for programme days."""
    service, seconds = dice.one_of(SERVICES, "service"), dice.between(3, 10, "seconds")
    async with _held_back(field, service) as database:
        await asyncio.sleep(seconds)
        held = len(await database.fetch(_HELD))
    return f"{held} messages of {service}, {seconds} programme days"


@fault("messages-in-reverse")
async def in_reverse(field: Field, dice: Dice) -> str:
    """One service's messages held back for programme days, then all of them last first; after that the relay's own, in order."""
    service, seconds = dice.one_of(SERVICES, "service"), dice.between(3, 8, "seconds")
    async with _held_back(field, service) as database:
        await asyncio.sleep(seconds)
        rows = await database.fetch(_HELD)
        await _publish(field, service, rows[::-1])
    return f"{len(rows)} messages of {service}, {seconds} programme days late"


@asynccontextmanager
async def _held_back(field: Field, service: str) -> AsyncIterator[asyncpg.Connection]:
    """The relay's lease is taken away and kept: we queue for it, while relays only ever ask whether it is free."""
    async with field.superuser(service) as ours, field.superuser(service) as other:
        waiting = asyncio.create_task(ours.execute(_LEAD))
        await asyncio.sleep(0.1)
        await other.execute(DISMISS_LEADER)
        try:
            await asyncio.wait_for(waiting, 10)
        except TimeoutError as error:
            raise Missed(f"the lease of {service} could not be had") from error
        yield ours


async def _publish(field: Field, service: str, rows: Sequence[asyncpg.Record]) -> None:
    async with open_producer(field.state.kafka, field.profile) as producer:
        for row in rows:
            headers = headers_of(service, row)
            await producer.send_and_wait(row["topic"], row["body"].encode(), key=str(row["key"]).encode(), headers=headers)
