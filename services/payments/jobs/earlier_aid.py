"""Enters the de minimis aid of vouchers from before there was a ledger of aid. Where there is none left it does nothing."""

import asyncio

import structlog

from services.payments.commands.enter_earlier_aid import enter_earlier_aid
from services.payments.queries.earlier_aid import without_aid
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 3_600
AT_ONCE = 500
"""Of one round."""

log = structlog.get_logger()


class EarlierAid:
    """`run` is one round, before a pause."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook) -> None:
        self.sessions, self.clock, self.policies = sessions, clock, policies

    async def run(self) -> None:
        while await self.enter():
            pass
        await asyncio.sleep(PAUSE_SECONDS)

    async def enter(self) -> int:
        """How many were entered. Each in a transaction of its own; a voucher whose policy is not known any more is logged and left."""
        async with self.sessions() as session:
            found = await without_aid(Context(session, SYSTEM, self.policies, self.clock.now), AT_ONCE)
        entered = 0
        for voucher_id in found:
            try:
                async with self.sessions.begin() as session:
                    entered += await enter_earlier_aid(Context(session, SYSTEM, self.policies, self.clock.now), voucher_id)
            except NotFound as error:
                log.error("earlier aid cannot be entered", voucher_id=str(voucher_id), error=error.code)
        return entered
