"""Reports of mail servers on a mail that did not arrive, or is delayed (RFC 3464). Anybody can send us one, so a report is
read within bounds, and believed only where it names a mail of ours by its mark."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

MOST_BYTES = 128 * 1024
"""What is read of a report. The mail that it returns, with what is attached, stands at its end."""
_MOST_NESTED, _MOST_PARTS = 30, 300
_NESTED = re.compile(rb"(?:multipart|message)\s*/", re.IGNORECASE)
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_DIALECT = re.compile(r"^[\w-]+; *")
"""Before the words of a server: 'smtp;'."""
_WITHOUT_STATUS = {"failed": "5.0.0", "delayed": "4.0.0"}


class NoReport(Exception):
    """What was read is no report of a mail that did not arrive. `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Report:
    """`status`: of RFC 3463. `delayed`: the server tries on; else it has given up. `words`: its own, for the record. `named`: the texts in
    which the mark of our mail may stand: the Message-ID of the mail that is returned, and to whom the report was sent."""

    status: str
    delayed: bool
    words: str = field(repr=False)
    named: Sequence[str] = field(repr=False)

    @property
    def permanent(self) -> bool:
        """A server that has tried for days and gives up says 4.x.x: another day the address may do."""
        return not self.delayed and self.status.startswith("5")


def read_report(content: bytes) -> Report:
    """`content`: at most `MOST_BYTES` of a mail. Raises `NoReport`."""
    if len(_NESTED.findall(content)) > _MOST_NESTED or content.count(b"\n--") > _MOST_PARTS:
        raise NoReport("too-nested")
    try:
        return _report_in(BytesParser().parsebytes(content))
    except NoReport:
        raise
    except Exception as error:  # the parser of the standard library raises what it meets
        raise NoReport("unreadable") from error


def _report_in(mail: Message) -> Report:
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        raise NoReport("no-report")
    parts = [part for part in mail.get_payload() if isinstance(part, Message)]
    recipients = [recipient for part in parts if part.get_content_type() == "message/delivery-status" for recipient in _blocks(part)]
    found = {_text(recipient, "Action").lower(): recipient for recipient in reversed(recipients)}
    action = next((action for action in _WITHOUT_STATUS if action in found), None)
    if action is None:
        raise NoReport("no-failure")
    stated = _STATUS.match(_text(found[action], "Status"))
    return Report(
        status=stated[1] if stated else _WITHOUT_STATUS[action],
        delayed=action == "delayed",
        words=_DIALECT.sub("", _text(found[action], "Diagnostic-Code")),
        named=[*(_text(part, "Message-ID") for part in _returned(parts)), *(_text(mail, name) for name in ("To", "Delivered-To"))],
    )


def _blocks(part: Message) -> list[Message]:
    """The fields about the mail, then those about each recipient."""
    blocks = part.get_payload()
    return [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []


def _returned(parts: Sequence[Message]) -> Iterator[Message]:
    """The head of the mail that is returned, which stands in the report whole or without its content."""
    for part in parts[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            head = part.get_payload(decode=True)
            yield BytesHeaderParser().parsebytes(head if isinstance(head, bytes) else b"")
        elif part.get_content_type() == "message/rfc822":
            yield from _blocks(part)


def _text(part: Message, name: str) -> str:
    """A field in one line; empty where it is missing."""
    return " ".join(str(part.get(name, "")).split())
