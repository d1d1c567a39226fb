"""Settings of the mailbox of the demonstration, from the environment: TRIPTYCH_PORT, TRIPTYCH_SMTP_PORT and so on."""

from pathlib import Path

from shared.runtime.settings import ServedSettings


class MailboxSettings(ServedSettings):
    """`port` has the pages, `smtp_port` takes mail. `mailbox`: the folder (Maildir) that keeps it; `bounces`: the one for reports of mail
    that did not arrive. `smtp_host`: the address at which mail is taken. `smtp_certificate`, `smtp_certificate_key`: PEM files, with which
    it takes STARTTLS, and no mail without."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int
    smtp_certificate: Path | None = None
    smtp_certificate_key: Path | None = None
    mailbox: Path
    bounces: Path
