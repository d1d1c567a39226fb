"""Lists that a spreadsheet has saved: encoding, separator and number format are found from the content, or named. Nothing is guessed."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.kernel.encodings import text_of
from shared.kernel.errors import Refused
from shared.kernel.money import without_sign

SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_MARKS = re.compile(r"[+-]?\d+|[+-]?[1-9]\d{0,2}(?:([ \u00a0\u202f'’.,])\d{3})+(?:([.,])\d{1,2})?|[+-]?\d+([.,])\d{1,2}")


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
    shown = {sign: cell for cell in cells for sign in _decimal_in(without_sign(cell).strip())}
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


def plain_amount(cell: str, decimal: str, currency: str | None = "") -> str:
    """'1.234,56' as '1234.56', also with the sign of `currency`: '1.234,56 zł'. ValueError for what is no amount, or has its signs the
    other way round; `OtherCurrency` for the sign of another one."""
    text = without_sign(cell, currency).strip()
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
