"""`python -m simulation.mailbox`: an SMTP server that keeps every mail, and its pages, until SIGTERM. Logs "mailbox ready".

Mail to addresses that begin with a word of `returns.FATES` comes back later."""

import logging
import ssl
import sys
from mailbox import Maildir

from aiosmtpd.controller import Controller

from shared.runtime.serve import serve
from simulation.mailbox.pages import pages
from simulation.mailbox.returns import ReturningMailbox
from simulation.mailbox.settings import MailboxSettings

log = logging.getLogger("mailbox")


def _tls_of(settings: MailboxSettings) -> ssl.SSLContext | None:
    if settings.smtp_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.smtp_certificate, settings.smtp_certificate_key)
    return context


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs each line of a conversation
    settings = MailboxSettings()
    Maildir(settings.mailbox, create=True)
    tls = _tls_of(settings)
    mailbox = ReturningMailbox(settings.mailbox, settings.bounces)
    server = Controller(mailbox, settings.smtp_host, settings.smtp_port, tls_context=tls, require_starttls=tls is not None)
    server.start()
    log.info("mailbox ready")
    serve(pages(settings.mailbox), settings)
    server.stop()


if __name__ == "__main__":
    main()
