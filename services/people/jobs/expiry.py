"""Removes sign-ins and revocations that are over, once an hour."""

import asyncio

from services.people.commands.remove_expired import remove_expired
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 3_600


class SignInExpiry:
    """`run` is one round, before a pause. `clock` is real time, as sign-ins and revocations are."""

    def __init__(self, sessions: Sessions, policies: PolicyBook, clock: ProgrammeClock) -> None:
        self.sessions, self.policies, self.clock = sessions, policies, clock

    async def run(self) -> None:
        await self.remove()
        await asyncio.sleep(PAUSE_SECONDS)

    async def remove(self) -> None:
        async with self.sessions.begin() as session:
            now = self.clock.now()
            await remove_expired(Context(session, SYSTEM, self.policies, now), now.timestamp())
