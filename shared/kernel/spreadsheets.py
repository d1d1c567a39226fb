"""Lists that a spreadsheet has saved: encoding, separator and number format are found from the content, or named. Nothing is guessed.

A statistical guess (charset-normalizer) is always right about something; here what fits one reading alone is taken, and what fits several
is refused with them.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.kernel.errors import Refused

SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SIGNS = frozenset("€§°·№«»‘’“”„‚–—…\u00a0®©™×±²³½¼¾´¨")
_SHARED = "áéíóúýäëöüçôâîß"
_CENTRAL = "ąćęłńóśźżčđšž"
_LETTERS: Mapping[str, frozenset[str]] = {
    code: frozenset(_SHARED + _SHARED.upper() + letters + letters.upper()) | _SIGNS
    for code, letters in {
        "windows-1250": _CENTRAL,
        "iso-8859-2": _CENTRAL,
        "windows-1252": "æøåàèêìïñòõùûãœ",
        "windows-1253": "",
    }.items()
}
"""Code page → letters of the programme's languages and their neighbours in it, besides ASCII. Greek ones are known by their block."""
_LANGUAGES = tuple(map(frozenset, ("ąćęłńóśźż", "čćđšž", "æøåéäö", "éèêëïîçàâôùûœáíóúñìòäöüß")))
"""Polish, Croatian, Danish, and the languages of the west: of readings that differ, one with the letters of a single language is right."""
_SIGN_IN_WORD = re.compile(r"[^\W\d_][±´¨¼½¾]|[±´¨¼½¾][^\W\d_]|[^\W\d_][€§°·№«»‘“”„‚—…©®™×²³¸¬†‡‰‹›•][^\W\d_]")
_CAPITAL_IN_WORD = re.compile(r"[a-z][^\W\d_a-z]")
"""Letters of another code page, read in this one: 'Zwi±zek', 'ZwiĄzek'; of the Macintosh and of DOS, 'Krak—w', 'Po§ega'."""
_RUN = re.compile(r"[^\W\d_]+")
_LONGEST_RUN = 3
"""Letters outside ASCII that follow one another in a word of a Latin script, at most: Greek read as Latin has whole words of them."""
_MARKS = re.compile(r"[+-]?\d+|[+-]?[1-9]\d{0,2}(?:([ \u00a0\u202f'’.,])\d{3})+(?:([.,])\d{1,2})?|[+-]?\d+([.,])\d{1,2}")
_WORKBOOK = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Named:
    """What was named of a file; None is found from its content. `decimal`: '.' or ','."""

    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None


UNNAMED = Named()


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts rows from the heading, which is 1."""

    number: int
    cells: Mapping[str, str]


def text_of(content: bytes, encoding: str | None = None) -> str:
    """The text of a file. `Refused` 'encoding-unknown', 'encoding-wrong' when the encoding that was named does not fit, 'encoding-unclear'
    with the encodings that do; 'not-a-list' for a workbook."""
    if content.startswith(_WORKBOOK):
        raise Refused("not-a-list", "This is a workbook of a spreadsheet: save it as CSV.")
    if encoding is not None:
        return _named(content, encoding)
    for mark, code in _BOMS:
        if content.startswith(mark):
            return _named(content, code)
    if b"\0" in content[:1000]:
        return _named(content, "utf-16-le" if content[1:1000:2].count(0) > content[:1000:2].count(0) else "utf-16-be")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _by_letters(content)


def table_of(content: bytes, is_known: Callable[[str], bool], named: Named = UNNAMED) -> list[Row]:
    """The rows of a list with a heading; empty ones are left out. `is_known`: names of columns that such a list may have.

    `Refused` as `text_of`; 'separator-unclear' when the heading can be separated in two ways; 'row-too-long' for a row with more cells
    than the heading; 'list-unreadable'.
    """
    text = text_of(content, named.encoding)
    said = re.match(r"\ufeff?sep=(.)\r?\n", text)
    text = text[said.end() :] if said else text
    separator = named.separator or (said[1] if said else None) or _separator(text, is_known)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        heading = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        return list(_rows(heading, reader))
    except csv.Error as error:  # for instance a cell without an end
        raise Refused("list-unreadable", "The list cannot be separated into cells: save it once more as CSV.") from error


def decimal_of(cells: Iterable[str], named: str | None = None) -> str:
    """The sign before the decimals, '.' or ',', in amounts of one list. Three digits behind a sign are thousands: money has two decimals.
    '.' where no cell shows it. `Refused` 'amounts-differ' when one cell shows this and another that."""
    shown = {sign: cell for cell in cells for sign in _decimal_in(cell.strip())}
    if named is not None:
        return named
    if len(shown) > 1:
        raise Refused(
            "amounts-differ",
            "Amounts are written in two ways, {one} and {other}. Name the sign before the decimals, or write all in one way.",
            one=shown["."],
            other=shown[","],
        )
    return next(iter(shown), ".")


def plain_amount(cell: str, decimal: str) -> str:
    """'1.234,56' as '1234.56'. ValueError for what is no amount, or has its signs the other way round."""
    text = cell.strip()
    found = _MARKS.fullmatch(text)
    if found is None or not set(_decimal_in(text)) <= {decimal}:
        raise ValueError(f"not an amount: {cell!r}")
    return re.sub(r"[^\d.+-]", "", text.replace("." if decimal == "," else ",", "").replace(decimal, "."))


def _decimal_in(cell: str) -> Iterator[str]:
    """What the cell shows of the sign before decimals: itself, or that it is the other one, since this one is between thousands."""
    found = _MARKS.fullmatch(cell)
    if found is None:
        return
    thousands, after, alone = found.groups()
    if sign := after or alone:
        yield sign
    elif thousands in (".", ","):
        yield "," if thousands == "." else "."


def _named(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise Refused("encoding-unknown", "There is no encoding {encoding}.", encoding=encoding) from error
    except UnicodeDecodeError as error:
        raise Refused("encoding-wrong", "The file is not in the encoding {encoding}: byte {position} does not fit.",
                      encoding=encoding, position=error.start) from error  # fmt: skip


def _by_letters(content: bytes) -> str:
    """By the code page in which every letter is one of its languages."""
    readings = {code: text for code in _LETTERS if (text := _decoded(content, code)) is not None and _fits(code, text)}
    of_one = {code: text for code, text in readings.items() if _is_of_one_language(text)}
    for found in (readings, of_one):
        if len(set(found.values())) == 1:
            return next(iter(found.values()))
    raise Refused(
        "encoding-unclear",
        "The encoding cannot be found from the content; it may be {encodings}. Name it, or save the file as UTF-8.",
        encodings=sorted(readings or _LETTERS),
    )


def _decoded(content: bytes, code: str) -> str | None:
    try:
        return content.decode(code)
    except UnicodeDecodeError:
        return None


def _fits(code: str, text: str) -> bool:
    foreign = {sign for sign in text if not sign.isascii()}
    if _SIGN_IN_WORD.search(text):
        return False
    if code == "windows-1253":
        words = [word for word in _RUN.findall(text) if not word.isascii()]
        return all(sign in _SIGNS or _is_greek(sign) for sign in foreign) and all(all(map(_is_greek, word)) for word in words)
    runs = re.findall(rf"[^\W\d_a-zA-Z]{{{_LONGEST_RUN + 1},}}", text)
    capitals = any(pair[1].isupper() and not pair[1].isascii() for pair in _CAPITAL_IN_WORD.findall(text))
    return foreign <= _LETTERS[code] and not runs and not capitals


def _is_of_one_language(text: str) -> bool:
    letters = {sign.casefold() for sign in text if sign.isalpha() and not sign.isascii()}
    return all(map(_is_greek, letters)) or any(letters <= one for one in _LANGUAGES)


def _is_greek(sign: str) -> bool:
    return "\u0370" <= sign <= "\u03ff"


def _separator(text: str, is_known: Callable[[str], bool]) -> str:
    """The one with which the heading has the most known columns; of a heading without any, the only one that stands in it."""
    first = next((line for line in text.splitlines() if line.strip()), "").lstrip("\ufeff")
    found = {one: sum(is_known(name.strip().strip('"')) for name in first.split(one)) for one in SEPARATORS}
    most = max(found.values())
    fitting = [one for one in SEPARATORS if found[one] == most and one in first]
    if len(fitting) > 1:
        raise Refused(
            "separator-unclear",
            "The columns cannot be separated by what the heading has. Name what is between them, one of: {separators}.",
            separators=list(SEPARATORS.values()),
        )
    return fitting[0] if fitting else ","  # a list of one column has none


def _rows(heading: list[str], reader: Iterable[list[str]]) -> Iterator[Row]:
    for number, cells in enumerate(reader, start=2):
        if len(cells) > len(heading) and any(cell.strip() for cell in cells[len(heading) :]):
            raise Refused("row-too-long", "Row {row} has more cells than the heading.", row=number)
        if any(cell.strip() for cell in cells):
            yield Row(number, dict(zip(heading, cells, strict=False)))
