"""Sends the mails that wait, and collects reminders into digests."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.people.commands.gather_digests import gather_digests
from services.people.commands.record_sending import record_sending
from services.people.commands.take_mails import take_mails
from services.people.domain.mails import Failure
from services.people.letters import Letters
from services.people.settings import MailServer
from services.people.smtp import Attached, message_of, send
from services.people.steps.letters import Outgoing
from shared.database.engine import Sessions
from shared.documents import Unwritable, written
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 1
NO_ADDRESS = Failure(553, permanent=True)
"""What a server would answer to an address that is none (RFC 5321, 4.2.3)."""

log = structlog.get_logger()


class MailDelivery:
    """`run` is one round, before a pause. A mail is taken, sent and noted in three steps, so that no transaction waits for a mail server. A
    crash between the last two sends it twice, with the same Message-ID. `real` is the clock of retries."""

    def __init__(
        self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, server: MailServer | None, letters: Letters,
        real: ProgrammeClock,
    ) -> None:  # fmt: skip
        self.sessions, self.clock, self.policies = sessions, clock, policies
        self.server, self.letters, self.real = server, letters, real

    async def run(self) -> None:
        if self.server is None:
            log.warning("no mail server: mails wait until TRIPTYCH_SMTP names one", service="people")
            await asyncio.Event().wait()
            return
        if not await self.deliver(self.server):
            await asyncio.sleep(PAUSE_SECONDS)

    async def deliver(self, server: MailServer) -> int:
        """How many mails were tried."""
        async with self.sessions.begin() as session:
            await gather_digests(self._context(session))
        taken = await self._take()
        for outgoing in taken:
            failure = await self._send(server, outgoing)
            async with self.sessions.begin() as session:
                await record_sending(self._context(session), outgoing.mail.id, failure, self.real.now())
        return len(taken)

    async def _take(self) -> Sequence[Outgoing]:
        async with self.sessions.begin() as session:
            return await take_mails(self._context(session), self.letters, self.real.now())

    async def _send(self, server: MailServer, outgoing: Outgoing) -> Failure | None:
        mail, mark, attached = outgoing.mail, outgoing.mark, await _attached(outgoing)
        try:
            message = message_of(mark, server.sender, outgoing.to, outgoing.letter, mail.language, self.real.now(), attached)
        except ValueError:
            return NO_ADDRESS
        failure = await send(server, message, mark)
        if failure is not None:
            log.warning("mail was not taken", mail=str(mail.id), template=mail.template, code=failure.code, tries=mail.tries)
        return failure

    def _context(self, session: AsyncSession) -> Context:
        return Context(session, SYSTEM, self.policies, self.clock.now)


async def _attached(outgoing: Outgoing) -> Attached | None:
    """A mail that waited for what cannot be written would hold back all others: it goes without."""
    if outgoing.receipt is None:
        return None
    try:
        return Attached(f"{outgoing.receipt.footer}.pdf", await written(outgoing.receipt))
    except Unwritable:
        log.error("the receipt of a mail cannot be written", mail=str(outgoing.mail.id))
        return None
