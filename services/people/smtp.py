"""Mail by SMTP. What the server answers says what becomes of the mail."""

from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from services.people.domain.mails import Failure
from services.people.letters import Letter
from services.people.settings import MailServer

TIMEOUT_SECONDS = 30
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Attached:
    """A PDF that goes with a mail."""

    name: str
    content: bytes = field(repr=False)


def message_of(
    mark: str, sender: str, to: str, letter: Letter, language: str, real_now: datetime, attached: Attached | None = None
) -> EmailMessage:
    """The Message-ID has the mail's mark: a mail that is sent again after a crash has the same one, by which a server or a reader knows it,
    and every server that returns a mail returns its Message-ID. ValueError for an address that is none."""
    message, from_ = EmailMessage(), Address(addr_spec=sender)
    try:
        recipient = Address(addr_spec=to)
    except Exception as error:  # the parser raises what it meets, IndexError too
        raise ValueError("not an address") from error
    message["Message-ID"] = f"<{mark}@{from_.domain}>"
    message["Date"] = format_datetime(real_now)
    message["From"] = Address("Triptych", from_.username, from_.domain)
    message["To"] = recipient
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by a machine
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if attached is not None:
        message.add_attachment(attached.content, maintype="application", subtype="pdf", filename=attached.name)
    message["Content-Language"] = language  # after the content, which would take it for its own
    return message


async def send(server: MailServer, message: EmailMessage, mark: str) -> Failure | None:
    """None when the server has taken the mail. A connection that is lost after the mail was handed over is a failure: it may come twice."""
    try:
        await aiosmtplib.send(
            message,
            sender=server.return_path(mark),
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password.get_secret_value() or None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=TIMEOUT_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        first = refused.recipients[0]
        return Failure(first.code, permanent=first.code >= _PERMANENT, words=first.message)
    except aiosmtplib.SMTPDataError as refused:
        return Failure(refused.code, permanent=refused.code >= _PERMANENT, words=refused.message)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Failure(getattr(error, "code", None))
    return None
