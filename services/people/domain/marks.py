"""A mail's mark: by it a report of failed delivery names the mail, and nobody who has not seen the mail can make one."""

import base64
import hmac
import re
from collections.abc import Callable, Iterable
from uuid import UUID

Mac = Callable[[bytes], bytes]
"""With the key of the service's processes."""
_MARK = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z2-7]{16})", re.IGNORECASE)


def mark_of(mac: Mac, mail_id: UUID) -> str:
    """The mail's id and 80 bits of a MAC over it, in letters that a mail server may write large or small."""
    return f"{mail_id}.{base64.b32encode(mac(b'mail ' + mail_id.bytes)[:10]).decode().lower()}"


def marked_mail(mac: Mac, texts: Iterable[str]) -> UUID | None:
    """The mail whose mark stands in one of the texts; None where none does, or only one of somebody else's making."""
    for mail_id, signed in (found for text in texts for found in _MARK.findall(text.lower())):
        if hmac.compare_digest(f"{mail_id}.{signed}", mark_of(mac, UUID(mail_id))):
            return UUID(mail_id)
    return None
