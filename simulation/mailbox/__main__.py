"""`python -m simulation.mailbox`: an SMTP server that keeps every mail, and its pages, until SIGTERM. Logs "mailbox ready".

Mail to addresses that begin with a word of `returns.FATES` comes back later."""

import logging
import sys
from mailbox import Maildir

from aiosmtpd.controller import Controller

from shared.runtime.serve import serve
from simulation.mailbox.pages import pages
from simulation.mailbox.returns import ReturningMailbox
from simulation.mailbox.settings import MailboxSettings

log = logging.getLogger("mailbox")
HOST = "127.0.0.1"


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs each line of a conversation
    settings = MailboxSettings()
    Maildir(settings.mailbox, create=True)
    server = Controller(ReturningMailbox(settings.mailbox, settings.bounces), hostname=HOST, port=settings.smtp_port)
    server.start()
    log.info("mailbox ready")
    serve(pages(settings.mailbox), settings)
    server.stop()


if __name__ == "__main__":
    main()
