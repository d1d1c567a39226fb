"""Repeats the closings that a restore has undone, when the worker starts, and erases closed accounts whose term is over, once an hour."""

import asyncio

from services.people.commands.erase_due_persons import erase_due_persons
from services.people.commands.repeat_closings import repeat_closings
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 3_600


class PersonErasure:
    """`run` is one round, before a pause. `clock` is programme time, of which terms are; `real` is that of sign-ins."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, real: ProgrammeClock) -> None:
        self.sessions, self.clock, self.policies, self.real = sessions, clock, policies, real

    async def run(self) -> None:
        await self.erase()
        await asyncio.sleep(PAUSE_SECONDS)

    async def erase(self) -> None:
        async with self.sessions.begin() as session:
            await repeat_closings(Context(session, SYSTEM, self.policies, self.clock.now), self.real.now().timestamp())
        async with self.sessions.begin() as session:
            await erase_due_persons(Context(session, SYSTEM, self.policies, self.clock.now))
