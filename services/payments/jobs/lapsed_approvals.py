"""Takes orders from providers whose approval has ended, on the day after its last one."""

import asyncio

from services.payments.commands.reroute_lapsed_approval import reroute_lapsed_approval
from services.payments.queries.lapsed_approvals import lapsed_with_orders
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 60


class LapsedApprovals:
    """`run` is one round, before a pause."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook) -> None:
        self.sessions, self.clock, self.policies = sessions, clock, policies

    async def run(self) -> None:
        await self.reroute()
        await asyncio.sleep(PAUSE_SECONDS)

    async def reroute(self) -> None:
        """Each provider in a transaction of its own."""
        async with self.sessions() as session:
            found = await lapsed_with_orders(Context(session, SYSTEM, self.policies, self.clock.now))
        for provider_id in found:
            async with self.sessions.begin() as session:
                await reroute_lapsed_approval(Context(session, SYSTEM, self.policies, self.clock.now), provider_id)
