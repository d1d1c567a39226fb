"""Settings of the mailbox of the demonstration, from the environment: TRIPTYCH_PORT, TRIPTYCH_SMTP_PORT and so on."""

from pathlib import Path

from shared.runtime.settings import ServedSettings


class MailboxSettings(ServedSettings):
    """`port` has the pages, `smtp_port` takes mail. `mailbox`: the folder (Maildir) that keeps it; `bounces`: the one for reports of mail
    that did not arrive."""

    smtp_port: int
    mailbox: Path
    bounces: Path
