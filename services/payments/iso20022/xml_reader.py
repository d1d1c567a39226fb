"""Reading an XML file that a stranger may have written: bounded, without entities or network, one known message type.

The XSD is not asked: banks deviate from it. What is needed is looked for, and its absence is refused by the element's name.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from shared.kernel.errors import Refused
from shared.kernel.money import Money

_FAMILY = "urn:iso:std:iso:20022:tech:xsd:"
_AMOUNT = re.compile(r"\+?([0-9]{1,18}(\.[0-9]{0,5})?|\.[0-9]{1,5})")
"""ISO 20022: at most 18 digits, 5 after the point; no exponent, so a short text cannot stand for a huge number."""
_LARGEST_MINOR = 2**63 - 1
_LONGEST_TEXT = 500
"""ISO 20022 ends references at 35 characters and free text at 140; banks deviate, and events have to fit into a message."""

MAX_MARKS = 1_500_000
"""Tags of a file, an attribute as two, counted before it is read: a few bytes of each cost 120 or 240 in memory, so that the size of
the file alone would bound nothing."""
MAX_LINES = 100_000
"""Entries, transactions and statuses of a file: each is judged and kept in the one transaction of the file."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]{0,40})[\"']")
_ASCII_BASED = re.compile(r"utf-8|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-9]", re.IGNORECASE)
"""What banks write. In all of these a '<' is the byte of ASCII, so that no mark and no declaration hides from a look at the bytes."""
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a message. Paths are local names within the message's own namespace: 'Refs/EndToEndId'."""

    element: etree._Element

    def find(self, path: str) -> "Node | None":
        found = self.element.find(self._qualified(path))
        return None if found is None else Node(found)

    def each(self, path: str) -> Iterator["Node"]:
        return map(Node, self.element.iterfind(self._qualified(path)))

    def text(self, *paths: str) -> str | None:
        """The text at the first of the paths that has one."""
        for path in paths:
            value = (self.element.findtext(self._qualified(path)) or "").strip()
            if len(value) > _LONGEST_TEXT:
                raise self.refused("text-too-long", path, f"has {len(value)} characters")
            if value:
                return value
        return None

    def required(self, *paths: str) -> str:
        value = self.text(*paths)
        if value is None:
            raise self.refused("element-missing", paths[0], "is missing")
        return value

    def money(self, path: str) -> Money | None:
        """A non-negative amount with its 'Ccy'; None when the element is absent."""
        found = self.find(path)
        if found is None:
            return None
        text, currency = (found.element.text or "").strip(), found.element.get("Ccy", "")
        try:
            if not _AMOUNT.fullmatch(text):
                raise ValueError
            amount = Money.parse(text, currency)
            if amount.minor > _LARGEST_MINOR:
                raise ValueError
            return amount
        except ValueError as error:
            raise self.refused("bad-amount", path, f"is not an amount in a known currency: {text[:30]!r} {currency[:10]!r}") from error

    def moment(self, path: str) -> datetime | None:
        """A date and time; one without a zone is taken as UTC, as ISO 20022 leaves it open."""
        text = self.text(path)
        if text is None:
            return None
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.refused("bad-date", path, f"is not a date and time: {text[:40]!r}") from error
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

    def day(self, path: str) -> date | None:
        """The date of a choice between 'Dt' and 'DtTm', as the bank wrote it."""
        text = self.text(f"{path}/Dt", f"{path}/DtTm")
        if text is None:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError as error:
            raise self.refused("bad-date", path, f"is not a date: {text[:40]!r}") from error

    def refused(self, code: str, path: str, reason: str) -> Refused:
        """The refusal that names the element at fault by its place in the message."""
        place = self.element.getroottree().getelementpath(self.element)
        field = re.sub(r"\{[^}]*\}", "", f"{place}/{path}" if place != "." else path)
        return Refused(code, f"The bank file cannot be read: {field} {reason}.", field=field)

    def _qualified(self, path: str) -> str:
        namespace = etree.QName(self.element).namespace
        return "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))


def read_message(data: bytes, max_bytes: int, known: Collection[str]) -> tuple[str, Node]:
    """The message type ('pain.002.001.10') and the one child of its Document. `known` are the types accepted.

    Raises `Refused`: 'file-too-large', 'unknown-encoding', 'document-type' (entities and external references need one),
    'too-many-elements', 'not-xml', 'too-many-lines', 'unknown-message'.
    """
    if len(data) > max_bytes:
        raise Refused("file-too-large", f"The bank file has {len(data)} bytes, {max_bytes} are allowed.")
    root = _parse(data, _encoding(data))
    if sum(1 for _ in root.iter("{*}Ntry", "{*}TxDtls", "{*}TxInfAndSts")) > MAX_LINES:
        raise Refused("too-many-lines", f"The bank file has more than {MAX_LINES} entries and transactions.")
    name = etree.QName(root)
    message = (name.namespace or "").removeprefix(_FAMILY)
    if name.localname != "Document" or message not in known:
        wanted = ", ".join(sorted(known))
        raise Refused("unknown-message", f"The root element is {root.tag[:120]}; read are {wanted}.", field=name.localname)
    bodies = [child for child in root if etree.QName(child).namespace == name.namespace]
    if len(bodies) != 1:
        raise Refused("unknown-message", f"Document holds {len(bodies)} messages of its namespace, not one.", field="Document")
    return message, Node(bodies[0])


def _encoding(data: bytes) -> str:
    """The declared one, UTF-8 without a declaration; checks what shows in the bytes before any parser sees them."""
    declared = _DECLARED.match(data.removeprefix(_MARK))
    encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if not _ASCII_BASED.fullmatch(encoding):
        raise Refused("unknown-encoding", f"The bank file is in {encoding!r}.", field="encoding")
    if b"<!DOCTYPE" in data:
        raise Refused("document-type", "The bank file declares a document type; no bank message does.", field="DOCTYPE")
    if data.count(b"<") + 2 * data.count(b"=") > MAX_MARKS:
        raise Refused("too-many-elements", f"The bank file has more than {MAX_MARKS} tags and attributes.")
    return encoding


def _parse(data: bytes, encoding: str) -> etree._Element:
    """A parser per file: lxml's are not shared between threads. Comments go, lest one split an id in two. The encoding that was
    looked at is the one that is read, whatever a byte order mark says."""
    parser = etree.XMLParser(
        encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("not-xml", f"The bank file is not well-formed XML within bounds: {error.msg}") from error
