"""Two of our workers with a broker between them: an event that one commits takes effect in the other."""

import asyncio
from dataclasses import dataclass
from typing import Self

import asyncpg

from bench.bare.worker import RECEIVER, SENDER
from bench.stack import Stack
from shared.messaging.profile import BrokerKind

FILL = """
    INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body)
    SELECT uuidv7(), 'applications.calls', key, 'applications.CallOpened.v1', now(), 'system', 'opened', 'sample', key,
           jsonb_build_object('call_id', key, 'region', 'be-kortrijk', 'opened_at', '2026-01-15T12:00:00Z')
    FROM (SELECT md5((number % $2)::text)::uuid AS key FROM generate_series(1, $1::int) AS number) AS numbers
"""
EVENTS_PER_KEY = 5


@dataclass
class MessagePath:
    """`url`: the sender's database. `sending`, `receiving`: connections to the two databases."""

    url: str
    sending: asyncpg.Connection
    receiving: asyncpg.Connection

    @classmethod
    async def between(cls, stack: Stack, broker: BrokerKind, *options: str, bootstrap: str = "") -> Self:
        """Starts both workers, with these options, and waits for a first event, so that the receiver has joined its group before
        anything is measured. `bootstrap`: the address of another broker than the stack's."""
        urls = {service: await stack.database(service) for service in (SENDER, RECEIVER)}
        path = cls(urls[SENDER], *[await asyncpg.connect(url.replace("+asyncpg", "")) for url in urls.values()])
        receiver = await asyncpg.connect(stack.postgres.url(urls[RECEIVER].rpartition("/")[2], driver="postgresql"))
        await receiver.execute("CREATE TABLE effects (number bigserial PRIMARY KEY, event_id uuid NOT NULL)")
        await receiver.execute(f"GRANT ALL ON effects, effects_number_seq TO {RECEIVER}")
        await receiver.close()
        for service, url in urls.items():
            environment = stack.environment(url, None if bootstrap else broker, service) | {"TRIPTYCH_BROKER": broker}
            stack.run("bench.bare.worker", environment | ({"TRIPTYCH_KAFKA": bootstrap} if bootstrap else {}), service, *options)
        await path.write(1)
        await path.arrived(1)
        return path

    async def write(self, events: int) -> None:
        """Commits that many events at once, about five for each aggregate."""
        await self.sending.execute(FILL, events, max(events // EVENTS_PER_KEY, 1))

    async def arrived(self, events: int, within: float = 120) -> None:
        """Waits until the total number of effects is `events`."""
        async with asyncio.timeout(within):
            while await self.receiving.fetchval("SELECT max(number) FROM effects") != events:
                await asyncio.sleep(0.02)
