"""Counts the roles that wait for an administrator, once a day and region."""

import asyncio

from services.people.commands.count_roles import count_roles
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.runtime.task_counts import PAUSE_SECONDS


class RoleCounts:
    """`run` is one round, before a pause."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook) -> None:
        self.sessions, self.clock, self.policies = sessions, clock, policies

    async def run(self) -> None:
        await self.count()
        await asyncio.sleep(PAUSE_SECONDS)

    async def count(self) -> None:
        for region in sorted({policy.region for policy in self.policies.all()}):
            async with self.sessions.begin() as session:
                await count_roles(Context(session, SYSTEM, self.policies, self.clock.now), region)
