"""Removes sign-ins and revocations that cannot matter any more."""

import asyncio

from sqlalchemy import delete
from sqlmodel import col

from services.people.tables import RevocationRow, SignInRow
from shared.database.engine import Sessions
from shared.kernel.clock import ProgrammeClock

PAUSE_SECONDS = 3_600


class SignInExpiry:
    """`run` is one round, before a pause. `clock` is real time, as both are.

    A sign-in goes at its end, also one that was ended before: until then its owner may end it again. A revocation goes when nothing that
    it concerns can be valid any more.
    """

    def __init__(self, sessions: Sessions, clock: ProgrammeClock) -> None:
        self.sessions, self.clock = sessions, clock

    async def run(self) -> None:
        await self.remove()
        await asyncio.sleep(PAUSE_SECONDS)

    async def remove(self) -> None:
        now = self.clock.now()
        async with self.sessions.begin() as session:
            await session.execute(delete(SignInRow).where(col(SignInRow.ends_at) <= now))
            await session.execute(delete(RevocationRow).where(col(RevocationRow.until) <= now))
