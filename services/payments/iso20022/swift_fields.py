"""Cuts a file of SWIFT messages (MT940, MT942) into messages and fields. The file may be hostile: bounded, one pass, no control character.

A line that begins with the tag of a known field begins a field; every other line continues the one before. Around the messages banks put
headers of their own (`{1:F01...}{4:`, `ABNANL2A`, `940 00`, `-}`): they are passed over, so is a line that holds a hyphen alone.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from services.payments.iso20022.xml_reader import LARGEST_MINOR, LONGEST_TEXT, MARKS, MAX_LINES
from shared.kernel.errors import Refused
from shared.kernel.money import Money

_TAG = re.compile(r":(13D?|20|21|25P?|28C?|34F|6[0245][FM]?|61|86|90[CD]|NS):")
_FIRST = re.compile(r"(?m)^(?:\{[^\n]*\{4:)?:20:")
_BEGINNING = 5_000
"""Within so many bytes the first message begins, whatever stands before it."""
_AMOUNT = re.compile(r"[0-9]{1,18}(?:,[0-9]{0,5}|\.[0-9]{2})?")
"""The comma is SWIFT's; some banks write a point. One before three digits could part thousands, so it is none of an amount."""
_FRAME = ("{", "-}")


@dataclass(slots=True)
class Field:
    """`tag` without its colons; `line` of the file, from 1."""

    tag: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        """Its first line."""
        return self.lines[0].strip()

    @property
    def place(self) -> str:
        return f"line {self.line}, :{self.tag}:"

    def bad_amount(self, text: str, currency: str = "") -> Refused:
        return Refused(
            "bad-amount", "The bank file cannot be read: {element} is not an amount in a known currency: {text} {currency}.",
            field=self.place, element=self.place, text=repr(text[:30]), currency=repr(currency[:10]),
        )  # fmt: skip

    def bad_entry(self) -> Refused:
        place = self.place
        return Refused(
            "bad-entry", "The bank file cannot be read: {element} is not a booking in the form of SWIFT.", field=place, element=place
        )

    def money(self, text: str, currency: str) -> Money:
        """Of '100,00', '100,' or '100.00'."""
        try:
            if not _AMOUNT.fullmatch(text):
                raise ValueError
            amount = Money.parse(text.replace(",", "."), currency)
            if amount.minor > LARGEST_MINOR:
                raise ValueError
            return amount
        except ValueError as error:
            raise self.bad_amount(text, currency) from error

    def day(self, text: str) -> date:
        """Of 'YYMMDD'. A value date of 30 February, as banks that count months of 30 days write it, is the last day of that month."""
        year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:6])
        if month == 2 and day in (29, 30):
            day = 29 if year % 4 == 0 else 28
        try:
            return date(year, month, day)
        except ValueError as error:
            place = self.place
            raise Refused(
                "bad-date", "The bank file cannot be read: {element} is not a date: {text}.", field=place, element=place, text=text
            ) from error


@dataclass(slots=True)
class Message:
    """The fields from one :20: to the next one."""

    fields: list[Field] = field(default_factory=list)

    def find(self, *tags: str) -> Field | None:
        return next((one for one in self.fields if one.tag in tags), None)

    def required(self, *tags: str) -> Field:
        found = self.find(*tags)
        if found is None:
            place = f"{self.fields[0].place}, :{tags[0]}:"
            raise Refused("element-missing", "The bank file cannot be read: {element} is missing.", field=place, element=place)
        return found


def holds_swift(data: bytes) -> bool:
    """Whether the content is one of SWIFT messages, whatever the name of the file: no XML, and a field :20: near its beginning."""
    beginning = _lines(_decoded(data[:_BEGINNING]))
    return not beginning.lstrip().startswith("<") and _FIRST.search(beginning) is not None


def read_messages(data: bytes, max_bytes: int) -> list[Message]:
    """Raises `Refused`: 'file-too-large', 'too-many-lines', 'text-too-long'."""
    if len(data) > max_bytes:
        raise Refused("file-too-large", "The bank file has {size} bytes, {most} are allowed.", size=len(data), most=max_bytes)
    messages: list[Message] = []
    entries = 0
    for number, line in enumerate(_lines(_decoded(data)).split("\n"), 1):
        text = line[line.find("{4:") + 3 :] if line.startswith("{") and "{4:" in line else line
        tag = _TAG.match(text)
        if tag is None:
            if messages and text and text != "-" and not text.startswith(_FRAME):
                _continue(messages[-1].fields[-1], text)
            continue
        entries += tag[1] == "61"
        if entries > MAX_LINES:
            raise Refused("too-many-lines", "The bank file has more than {most} entries and transactions.", most=MAX_LINES)
        if tag[1] == "20":
            messages.append(Message())
        if messages:
            messages[-1].fields.append(Field(tag[1], number, []))
            _continue(messages[-1].fields[-1], text[tag.end() :])
    return messages


_MOST_OF_FIELD = 60
"""Lines of one field. A bank that gives many SEPA details in :86: needs about 20."""


def _continue(one: Field, text: str) -> None:
    if len(text) > LONGEST_TEXT * 4 or len(one.lines) >= _MOST_OF_FIELD:
        raise Refused(
            "text-too-long", "The bank file cannot be read: {element} has {length} characters.", field=one.place, element=one.place,
            length=sum(map(len, one.lines)) + len(text),
        )  # fmt: skip
    one.lines.append(text)


def _decoded(data: bytes) -> str:
    """These files declare no encoding: by their mark, else UTF-8, else Latin-1, in which every byte is a letter. References are ASCII."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


_CONTROLS = {code: " " for code in (*range(32), *range(127, 160), 0x2028, 0x2029) if code != 10}


def _lines(text: str) -> str:
    """Lines end with a line feed; every other control character is a blank, at the end of a line nothing."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    return "\n".join(line.rstrip() for line in plain.split("\n"))
