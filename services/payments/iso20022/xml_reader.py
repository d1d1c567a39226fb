"""Reads an XML file that may be hostile: bounded, without entities or network, one known message type.

The file is not validated by its XSD, because banks deviate from it. A missing element is refused by its name.
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
"""ISO 20022: at most 18 digits, 5 after the point; no exponent, so a short text cannot mean a huge number."""
_LARGEST_MINOR = 2**63 - 1
_LONGEST_TEXT = 500
"""ISO 20022 limits references to 35 characters and free text to 140; banks deviate, and events have to fit into a message."""

MAX_TAGS = 1_500_000
"""Tags of a file, an attribute counted as two, before it is parsed: a few bytes of each need 120 or 240 bytes of memory, so a limit on
the file's size alone would not limit memory."""
MAX_LINES = 100_000
"""Entries, transactions and statuses of a file: each is matched and stored in the one transaction of the file."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]{0,40})[\"']")
_ASCII_BASED = re.compile(r"utf-8|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-9]", re.IGNORECASE)
"""The encodings that banks use. In all of them '<' is the ASCII byte, so a search of the bytes finds every tag and declaration."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
                raise Refused(
                    "text-too-long", "The bank file cannot be read: {element} has {length} characters.", field=self.place(path),
                    element=self.place(path), length=len(value),
                )  # fmt: skip
            if value:
                return value
        return None

    def required(self, *paths: str) -> str:
        value = self.text(*paths)
        if value is None:
            raise self.missing(paths[0])
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
            raise Refused(
                "bad-amount", "The bank file cannot be read: {element} is not an amount in a known currency: {text} {currency}.",
                field=self.place(path), element=self.place(path), text=repr(text[:30]), currency=repr(currency[:10]),
            ) from error  # fmt: skip

    def moment(self, path: str) -> datetime | None:
        """A date and time; one without a zone is taken as UTC, as ISO 20022 leaves it open."""
        text = self.text(path)
        if text is None:
            return None
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._no_date(path, text) from error
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

    def day(self, path: str) -> date | None:
        """The date of a choice between 'Dt' and 'DtTm', as the bank wrote it."""
        text = self.text(f"{path}/Dt", f"{path}/DtTm")
        if text is None:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError as error:
            raise self._no_date(path, text) from error

    def missing(self, path: str) -> Refused:
        """The refusal 'element-missing'."""
        place = self.place(path)
        return Refused("element-missing", "The bank file cannot be read: {element} is missing.", field=place, element=place)

    def place(self, path: str) -> str:
        """The element's place in the message, for a refusal: 'Ntry[2]/Amt'."""
        parent = self.element.getroottree().getelementpath(self.element)
        return re.sub(r"\{[^}]*\}", "", f"{parent}/{path}" if parent != "." else path)

    def _no_date(self, path: str, text: str) -> Refused:
        place = self.place(path)
        return Refused(
            "bad-date", "The bank file cannot be read: {element} is not a date: {text}.", field=place, element=place, text=text[:40]
        )

    def _qualified(self, path: str) -> str:
        namespace = etree.QName(self.element).namespace
        return "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))


def read_message(data: bytes, max_bytes: int, known: Collection[str]) -> tuple[str, Node]:
    """The message type ('pain.002.001.10') and the one child of its Document. `known` are the types accepted.

    Raises `Refused`: 'file-too-large', 'unknown-encoding', 'document-type' (entities and external references need one),
    'too-many-elements', 'not-xml', 'too-many-lines', 'unknown-message', 'not-one-message'.
    """
    if len(data) > max_bytes:
        raise Refused("file-too-large", "The bank file has {size} bytes, {most} are allowed.", size=len(data), most=max_bytes)
    root = _parse(data, _encoding(data))
    if sum(1 for _ in root.iter("{*}Ntry", "{*}TxDtls", "{*}TxInfAndSts")) > MAX_LINES:
        raise Refused("too-many-lines", "The bank file has more than {most} entries and transactions.", most=MAX_LINES)
    name = etree.QName(root)
    message = (name.namespace or "").removeprefix(_FAMILY)
    if name.localname != "Document" or message not in known:
        raise Refused(
            "unknown-message", "The root element is {element}; messages that are read: {known}.", field=name.localname,
            element=root.tag[:120], known=sorted(known),
        )  # fmt: skip
    bodies = [child for child in root if etree.QName(child).namespace == name.namespace]
    if len(bodies) != 1:
        raise Refused(
            "not-one-message", "The document has {count} messages of its namespace, not one.", field="Document", count=len(bodies)
        )
    return message, Node(bodies[0])


def _encoding(data: bytes) -> str:
    """The declared encoding, UTF-8 without a declaration. Also checks the bytes for what must not reach a parser."""
    declared = _DECLARED.match(data.removeprefix(_BYTE_ORDER_MARK))
    encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if not _ASCII_BASED.fullmatch(encoding):
        raise Refused(
            "unknown-encoding", "The bank file declares an encoding that is not accepted: {encoding}.", field="encoding", encoding=encoding
        )
    if b"<!DOCTYPE" in data:
        raise Refused("document-type", "The bank file declares a document type; no bank message does.", field="DOCTYPE")
    if data.count(b"<") + 2 * data.count(b"=") > MAX_TAGS:
        raise Refused("too-many-elements", "The bank file has more than {most} tags and attributes.", most=MAX_TAGS)
    return encoding


def _parse(data: bytes, encoding: str) -> etree._Element:
    """One parser per file: lxml's are not shared between threads. Comments are removed, because one could split an id in two. The file is
    read in the encoding that was checked, also if a byte order mark says another."""
    parser = etree.XMLParser(
        encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(
            "not-xml", "The bank file is not well-formed XML within the limits: {problem}", field=f"line {error.lineno}", problem=error.msg
        ) from error
