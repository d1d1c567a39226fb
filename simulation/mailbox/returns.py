"""Addresses whose mail is taken, and comes back later: what a mail server on the way reports (RFC 3464) is put into the folder of the
agency, as its own mail server would put it."""

from dataclasses import dataclass
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from mailbox import Maildir
from pathlib import Path

from aiosmtpd.handlers import Mailbox


@dataclass(frozen=True, slots=True)
class Fate:
    """`action` and `status` of the report; `words` with a place for the address."""

    action: str
    status: str
    words: str


FATES = {
    "gone": Fate("failed", "5.1.1", "550 5.1.1 <{address}>: Recipient address rejected: no such mailbox"),
    "full": Fate("failed", "4.2.2", "452 4.2.2 <{address}>: mailbox is full, given up after five days"),
    "slow": Fate("delayed", "4.4.1", "connect to mx.example[192.0.2.1]:25: Connection timed out"),
}
"""What an address begins with → what becomes of its mail."""


class ReturningMailbox(Mailbox):
    """Keeps every mail in `mail_dir`; the reports go to `returns`."""

    def __init__(self, mail_dir: Path, returns: Path) -> None:
        for folder in (mail_dir, returns):  # `Maildir` makes none in a folder that is there: a volume, or one that `people` has made
            for name in ("tmp", "new", "cur"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        super().__init__(mail_dir)
        self.returns = Maildir(returns)

    def handle_message(self, message: Message) -> None:
        super().handle_message(message)
        for address in str(message["X-RcptTo"]).split(", "):
            fate = FATES.get(address[:4])
            if fate is not None and message["X-MailFrom"]:
                self.returns.add(report_of(message, address, fate))


def report_of(message: Message, address: str, fate: Fate) -> Message:
    """As Postfix writes it: with the headers of the mail, and without its content."""
    fields, recipient = Message(), Message()
    fields["Reporting-MTA"] = "dns; mx.example"
    recipient["Final-Recipient"], recipient["Action"], recipient["Status"] = f"rfc822; {address}", fate.action, fate.status
    recipient["Diagnostic-Code"] = f"smtp; {fate.words.format(address=address)}"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([fields, recipient])
    headers = "".join(f"{name}: {value}\n" for name, value in message.items() if not name.startswith("X-"))
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["To"] = "MAILER-DAEMON@mx.example", message["X-MailFrom"]
    report["Subject"], report["Auto-Submitted"] = "Undelivered Mail Returned to Sender", "auto-replied"
    for part in (MIMEText("Your mail could not be delivered.\n"), status, MIMEText(headers, "rfc822-headers")):
        report.attach(part)
    return report
