"""What a document says: parts with a heading, sentences, and facts. Every text is shown as it is; none of it is markup."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Table:
    """`right`: numbers of the columns whose cells stand at the right. `sums`: the last row has sums."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    sums: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A label, and what is known: lines of text, or a table."""

    label: str
    value: str | Table


@dataclass(frozen=True, slots=True)
class Part:
    """`title` None: it follows the title of the document."""

    title: str | None = None
    texts: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """An address, as a link and as a QR code. `text` says what is found there, `alt` what the picture is."""

    address: str
    text: str
    alt: str


@dataclass(frozen=True, slots=True)
class Document:
    """`language`: ISO 639-1, of all its texts. `made_at` is the date that the file has, so that the same document gives the same bytes.
    `footer` stands on each page, beside `page`, which is a text with {page} and {pages}. `missing`: a sentence about letters that the font
    does not have; it is shown when there are any."""

    language: str
    title: str
    made_at: datetime
    parts: tuple[Part, ...]
    footer: str
    page: str
    missing: str
    code: Code | None = field(default=None)
