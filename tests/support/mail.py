"""A real SMTP server on this machine, which keeps what it gets, and refuses, waits or hangs up as a test says."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from services.people.settings import MailServer

SENDER = "no-reply@triptych.example"


class Mailbox:
    """`refusals`: address → the server's answer to this recipient. `after_data`: its answer to the content, once. `hang_up`: how often it
    keeps the mail and closes the connection without an answer. `wait`: seconds before its answer to the content."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refusals: dict[str, str] = {}
        self.after_data: list[str] = []
        self.hang_up = 0
        self.wait = 0.0

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.wait)
        if self.after_data:
            return self.after_data.pop()
        content: Any = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        self.messages.append(content)
        self.recipients += envelope.rcpt_tos
        if self.hang_up:
            self.hang_up -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


class MailServerOfTest(Controller):
    """On a free port."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(mailbox, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        """The port is known once the server listens."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, MailServer]]:
    mailbox = Mailbox()
    controller = MailServerOfTest(mailbox)
    controller.start()
    try:
        yield mailbox, settings_of(controller.port)
    finally:
        controller.stop()


def settings_of(port: int) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, security="none", password=SecretStr(""), sender=SENDER)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
