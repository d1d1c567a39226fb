"""Two of our workers with a broker between them: an event that one commits takes effect in the other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from bench.bare.worker import RECEIVER, SENDER
from bench.stack import BENCH_SEALER, Stack
from shared.contracts.applications import CallOpened
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.messaging.profile import BrokerKind
from shared.policy.resolver import PolicyBook

EVENTS_PER_KEY = 5
EFFECTS = f"""
    CREATE TABLE effects (number bigserial PRIMARY KEY, event_id uuid NOT NULL);
    GRANT ALL ON effects, effects_number_seq TO {RECEIVER};
"""
NOTIFY = """
    CREATE FUNCTION notify_effect() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('effects', NEW.event_id::text); RETURN NULL; END $$;
    CREATE TRIGGER notify_effect AFTER INSERT ON effects FOR EACH ROW EXECUTE FUNCTION notify_effect()
"""


def publish_opening(session: AsyncSession, key: UUID) -> UUID:
    context = Context(session, SYSTEM, PolicyBook([]), datetime.now(UTC))
    opened = CallOpened(call_id=key, region="be-kortrijk", opened_at=datetime(2026, 1, 15, 12, tzinfo=UTC))
    return publish(context, opened, reason="opened", policy_id="sample")


@dataclass
class MessagePath:
    """`url`: the sender's database. `sending` makes its sessions, `receiving` is a connection to the other one."""

    url: str
    sending: Sessions
    receiving: asyncpg.Connection

    @classmethod
    async def between(cls, stack: Stack, broker: BrokerKind, *options: str, bootstrap: str = "", notify: bool = False) -> Self:
        """Starts both workers, with these options, and waits for a first event, so that the receiver has joined its group before
        anything is measured. `bootstrap`: the address of another broker than the stack's. `notify`: `receiving` gets a notification
        of each effect."""
        urls = {service: await stack.database(service) for service in (SENDER, RECEIVER)}
        sending = sessions_of(create_engine(urls[SENDER]), BENCH_SEALER)
        path = cls(urls[SENDER], sending, await asyncpg.connect(urls[RECEIVER].replace("+asyncpg", "")))
        receiver = await asyncpg.connect(stack.postgres.url(urls[RECEIVER].rpartition("/")[2], driver="postgresql"))
        await receiver.execute(EFFECTS + (NOTIFY if notify else ""))
        await receiver.close()
        for service, url in urls.items():
            environment = stack.environment(url, None if bootstrap else broker, service) | {"TRIPTYCH_BROKER": broker}
            stack.run("bench.bare.worker", environment | ({"TRIPTYCH_KAFKA": bootstrap} if bootstrap else {}), service, *options)
        await (await path.prepare(1))()
        await path.arrived(1)
        return path

    async def prepare(self, events: int) -> Callable[[], Awaitable[None]]:
        """That many events, about five for each aggregate; what is returned commits them at once."""
        keys = [new_id() for _ in range(max(events // EVENTS_PER_KEY, 1))]
        session = self.sending()
        for number in range(events):
            publish_opening(session, keys[number % len(keys)])

        async def commit() -> None:
            await session.commit()
            await session.close()

        return commit

    async def arrived(self, events: int, within: float = 120) -> None:
        """Waits until the total number of effects is `events`."""
        async with asyncio.timeout(within):
            while await self.receiving.fetchval("SELECT max(number) FROM effects") != events:
                await asyncio.sleep(0.02)
