"""`python -m simulation.mailbox`: an SMTP server that keeps every mail, and its pages, until SIGTERM. Logs "mailbox ready"."""

import logging
import sys
from mailbox import Maildir

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from shared.runtime.serve import serve
from simulation.mailbox.pages import pages
from simulation.mailbox.settings import MailboxSettings

log = logging.getLogger("mailbox")
HOST = "127.0.0.1"


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs each line of a conversation
    settings = MailboxSettings()
    Maildir(settings.mailbox, create=True)
    server = Controller(Mailbox(settings.mailbox), hostname=HOST, port=settings.smtp_port)
    server.start()
    log.info("mailbox ready")
    serve(pages(settings.mailbox), settings)
    server.stop()


if __name__ == "__main__":
    main()
