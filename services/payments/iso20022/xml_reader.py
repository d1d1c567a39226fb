"""Reads an XML file that may be hostile: bounded, without entities or network, one known message type.

The file is not validated by its XSD, because banks deviate from it. A missing element is refused by its name.
"""

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from lxml import etree

from shared.kernel.errors import Refused
from shared.kernel.money import Money

_NAMESPACE = re.compile(
    r"(?:urn:iso:std:iso:20022:tech:xsd:|urn:swift:xsd:\$?)(?P<iso>[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})"
    r"|http://www\.six-interbank-clearing\.com/de/(?P<swiss>[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})\.ch\.[0-9]{2}\.xsd"
)
"""The same messages have a namespace of ISO, of SWIFT, or of the Swiss banks, whose versions are restrictions of those of ISO."""
_AMOUNT = re.compile(r"\+?([0-9]{1,18}(\.[0-9]{0,5})?|\.[0-9]{1,5})")
"""ISO 20022: at most 18 digits, 5 after the point; no exponent, so a short text cannot mean a huge number."""
LARGEST_MINOR = 2**63 - 1
LONGEST_TEXT = 500
"""ISO 20022 limits references to 35 characters and free text to 140; banks deviate, and events have to fit into a message."""

MAX_TAGS = 1_500_000
"""Tags of a file, an attribute counted as two, before it is parsed: a few bytes of each need 120 or 240 bytes of memory, so a limit on
the file's size alone would not limit memory."""
MAX_LINES = 100_000
"""Entries, transactions and statuses of a file: each is matched and stored in the one transaction of the file."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]{0,40})[\"']")
_AS_TEXT = re.compile(r"utf-8|ascii|iso8859-[0-9]{1,2}|cp(1250|1251|1252|1253|1254|1257|437|737|850|852|858)|koi8-r|mac-\w{2,10}")
"""The encodings of text that are read, by the names that Python has for them. The checks read the text as UTF-8, and so does the parser: in
UTF-8 '<' is that byte alone, so a search of the bytes finds every tag and declaration."""
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""UTF-16 without a mark, by its first sign (XML 1.0, appendix F)."""
_END_OF_DAY = "T24:00:00"


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
            if len(value) > LONGEST_TEXT:
                raise Refused(
                    "text-too-long", "The bank file cannot be read: {element} has {length} characters.", field=self.place(path),
                    element=self.place(path), length=len(value),
                )  # fmt: skip
            if value:
                return value
        return None

    def texts(self, path: str) -> tuple[str, ...]:
        """All that have one, each cut at the longest that is kept."""
        return tuple(filter(None, ((each.element.text or "").strip()[:LONGEST_TEXT] for each in self.each(path))))

    def required(self, *paths: str) -> str:
        value = self.text(*paths)
        if value is None:
            raise self.missing(paths[0])
        return value

    def money(self, path: str, unsaid: str = "") -> Money | None:
        """A non-negative amount with its 'Ccy', which may be `unsaid`; None when the element is absent."""
        found = self.find(path)
        if found is None:
            return None
        text, currency = (found.element.text or "").strip(), found.element.get("Ccy", unsaid)
        try:
            if not _AMOUNT.fullmatch(text):
                raise ValueError
            amount = Money.parse(text, currency)
            if amount.minor > LARGEST_MINOR:
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
        ends_a_day = _END_OF_DAY in text  # valid XML, and the first moment of the next day
        try:
            parsed = datetime.fromisoformat(text.replace(_END_OF_DAY, "T00:00:00")) + timedelta(days=ends_a_day)
        except (ValueError, OverflowError) as error:
            raise self._no_date(path, text) from error
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

    def day(self, path: str) -> date | None:
        """The date of a choice between 'Dt' and 'DtTm', as the bank wrote it."""
        return self._day(path, self.text(f"{path}/Dt", f"{path}/DtTm"))

    def plain_day(self, path: str) -> date | None:
        """A date that stands in the element itself, as in older versions."""
        return self._day(path, self.text(path))

    def _day(self, path: str, text: str | None) -> date | None:
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
        return _in_namespace_of(str(self.element.tag), path)


@lru_cache(maxsize=2_000)
def _in_namespace_of(tag: str, path: str) -> str:
    """A statement of 100,000 lines asks for the same twenty paths two million times."""
    namespace = tag.rpartition("}")[0]
    return "/".join(f"{namespace}}}{name}" for name in path.split("/"))


def read_message(data: bytes, max_bytes: int, known: Collection[str]) -> tuple[str, Node]:
    """The message type ('pain.002.001.10') and the one child of its Document. `known` are the types accepted.

    Raises `Refused`: 'file-too-large', 'unknown-encoding', 'not-in-its-encoding', 'document-type' (entities and external references
    need one), 'too-many-elements', 'not-xml', 'too-many-lines', 'unknown-message', 'not-one-message'.
    """
    if len(data) > max_bytes:
        raise Refused("file-too-large", "The bank file has {size} bytes, {most} are allowed.", size=len(data), most=max_bytes)
    root = _document(_parse(_as_utf8(data)))
    if sum(1 for _ in root.iter("{*}Ntry", "{*}TxDtls", "{*}TxInfAndSts")) > MAX_LINES:
        raise Refused("too-many-lines", "The bank file has more than {most} entries and transactions.", most=MAX_LINES)
    name = etree.QName(root)
    family = _NAMESPACE.fullmatch(name.namespace or "")
    message = (family["iso"] or family["swiss"]) if family else ""
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


def _as_utf8(data: bytes) -> bytes:
    """The file in UTF-8, by its byte order mark or else the declared encoding; UTF-8 without either. Also checks what must not reach a
    parser."""
    mark, marked = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", None))
    bare = data[len(mark) :].lstrip(b" \t\r\n")  # some banks begin with a line break
    marked = marked or next((name for beginning, name in _UNMARKED if bare.startswith(beginning)), None)
    declared = None if marked else _DECLARED.match(bare)
    encoding = marked or _known(declared[1].decode("ascii", "replace") if declared else "utf-8")
    text = bare if encoding in ("utf-8", "ascii") else _decoded(bare, encoding)
    if b"<!DOCTYPE" in text:
        raise Refused("document-type", "The bank file declares a document type; no bank message does.", field="DOCTYPE")
    if text.count(b"<") + 2 * text.count(b"=") > MAX_TAGS:
        raise Refused("too-many-elements", "The bank file has more than {most} tags and attributes.", most=MAX_TAGS)
    return text


def _known(encoding: str) -> str:
    """Python's name of the encoding."""
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = ""
    if not _AS_TEXT.fullmatch(name):
        raise Refused(
            "unknown-encoding", "The bank file declares an encoding that is not accepted: {encoding}.", field="encoding", encoding=encoding
        )
    return name


def _decoded(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError as error:
        raise Refused(
            "not-in-its-encoding", "The bank file is not written in the encoding that it declares: {encoding}.", field="encoding",
            encoding=encoding,
        ) from error  # fmt: skip


def _parse(text: bytes) -> etree._Element:
    """One parser per file: lxml's are not shared between threads. Comments are removed, because one could split an id in two. The text is
    UTF-8, whatever it declares."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(
            "not-xml", "The bank file is not well-formed XML within the limits: {problem}", field=f"line {error.lineno}", problem=error.msg
        ) from error


def _document(root: etree._Element) -> etree._Element:
    """The message of a file: some banks send it in an envelope, beside its business header."""
    inside = [] if etree.QName(root).localname == "Document" else [one for one in root if etree.QName(one).localname == "Document"]
    return inside[0] if len(inside) == 1 else root
