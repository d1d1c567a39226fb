"""Lists: filter, order, pages, and the whole as a file. A page of a list says what it asks and what its columns are, no more."""

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

import xlsxwriter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.kit.formats import money, short_moment
from portal.kit.pages import page
from portal.kit.regions import region_names
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.kernel.money import Money

T = TypeVar("T")
Value = str | int | Decimal | date | None
PAGE, LARGEST = 25, 200
"""Rows of a page for people, and of one that an API gives out."""
MOST_ROWS = 50_000
"""Of a file."""
CSV, XLSX = "csv", "xlsx"
TYPES = {CSV: "text/csv; charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_FORMULA = re.compile(r"^[=+\-@\t\r]")
MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 (a spreadsheet's own, the same in each file)


@dataclass(frozen=True)
class Cell:
    """`text`: as a person reads it. `link`: a path of the portal. `colour`: of a tag of GOV.UK Frontend, for a state. `below`: a smaller
    second line. `value`: in files, where it differs from the text (an amount, an instant)."""

    text: str
    link: str = ""
    colour: str = ""
    below: str = ""
    value: Value = None


def amount(minor: int, currency: str, language: str, link: str = "") -> Cell:
    """Money with its sign; in files a number, whose currency is a column of its own."""
    return Cell(money(minor, currency, language), link, value=Decimal(Money(minor, currency).decimal()))


def instant(value: datetime | None, zone: str, language: str, link: str = "") -> Cell:
    """In the wall time of `zone`; empty for None."""
    return Cell("") if value is None else Cell(short_moment(value, zone, language), link, value=value)


def limit(end: datetime | None, zone: str, language: str, link: str = "", below: str = "") -> Cell:
    """The last minute in which one may still act, as `instant`; in files the limit itself."""
    return Cell("") if end is None else Cell(short_moment(end - timedelta(minutes=1), zone, language), link, below=below, value=end)


@dataclass(frozen=True)
class Column(Generic[T]):
    """`name`: stable, in the first row of files. `title`: in the reader's language. `sort`: the column's name in the API, where it can
    order the list. `number`: aligned to the right."""

    name: str
    title: str
    cell: Callable[[T], Cell | str]
    sort: str = ""
    number: bool = False


@dataclass(frozen=True)
class Filter:
    """`name`: of the API's parameter. `options`: value → text; empty for a text that is typed."""

    name: str
    title: str
    options: Mapping[str, str] = field(default_factory=dict)


async def region_filter(visit: Visit, role: str) -> Filter:
    """Of the regions in which the person has the role."""
    return Filter("region", text(visit.language, "Region"), await region_names(visit, role))


@dataclass(frozen=True)
class Listing(Generic[T]):
    """`name`: of a file. `title`: of the page and the table. `empty`: what the page says where there are no rows, and what to do then.
    `ask`: of the API, called with the filters that are set, `limit`, `cursor` and `sort`. `sort`: the order of who asks for none; with '-'
    before it, downwards."""

    name: str
    title: str
    columns: Sequence[Column[T]]
    ask: Callable[..., Awaitable[Any]]
    empty: str
    filters: Sequence[Filter] = ()
    sort: str | None = None

    def chosen(self, visit: Visit) -> dict[str, str]:
        """The filters that the query sets, and the region in which the person works now, where it says none. A value that is no option
        sets none."""
        query = {"region": visit.working_region, **visit.request.query_params}
        given = {one.name: query.get(one.name, "").strip() for one in self.filters}
        return {
            one.name: given[one.name] for one in self.filters if given[one.name] and (not one.options or given[one.name] in one.options)
        }

    def order(self, visit: Visit) -> str | None:
        """As the query asks, else the list's own order."""
        asked = visit.request.query_params.get("sort", "")
        allowed = {column.sort for column in self.columns if column.sort}
        return asked if asked.removeprefix("-") in allowed else self.sort


async def listed(visit: Visit, listing: Listing[Any], template: str = "kit/list.html", /, **values: Any) -> Response:
    """The page of a list, or its file where the query has `as`. `values`: what else the template shows."""
    chosen, order = listing.chosen(visit), listing.order(visit)
    kind = visit.request.query_params.get("as", "")
    if kind in TYPES:
        return await _file(listing, kind, _rows(visit, listing, chosen, order))
    found = await listing.ask(**chosen, limit=PAGE, cursor=visit.request.query_params.get("cursor") or None, sort=order)
    return page(visit, template, listing=listing, found=found, chosen=chosen, order=order, **values)


async def _rows(visit: Visit, listing: Listing[Any], chosen: Mapping[str, str], order: str | None) -> AsyncIterator[Any]:
    cursor, count = None, 0
    while True:
        found = await listing.ask(**chosen, limit=LARGEST, cursor=cursor, sort=order)
        for row in found.items:
            yield row
        cursor, count = found.next, count + len(found.items)
        if cursor is None:
            return
        if count >= MOST_ROWS:
            words = text(visit.language, "The list is too long for one file. Filter it, and take it in parts.")
            raise ApiProblem(422, {"code": "too-many-rows", "detail": words})


async def _file(listing: Listing[Any], kind: str, rows: AsyncIterator[Any]) -> Response:
    names = [column.name for column in listing.columns]
    table = [[_value(column, row) for column in listing.columns] async for row in rows]
    content = await run_in_threadpool(csv_of if kind == CSV else xlsx_of, names, table)
    headers = {"Content-Disposition": f'attachment; filename="{listing.name}.{kind}"'}
    return Response(content, media_type=TYPES[kind], headers=headers)


def _value(column: Column[T], row: T) -> Value:
    cell = column.cell(row)
    if isinstance(cell, str):
        return cell
    return cell.text if cell.value is None else cell.value


def csv_of(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """RFC 4180 in UTF-8 with its mark, so that spreadsheets read it. A text that a spreadsheet would compute gets an apostrophe before
    it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([[_plain(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return "" if value is None else str(value)


def xlsx_of(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """Numbers as numbers, instants as texts with their zone, texts as texts."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": MADE_AT})
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for place, name in enumerate(names):
            sheet.write_string(0, place, name, bold)
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, int | Decimal):
                    sheet.write_number(line, place, float(value))
                elif value is not None:
                    sheet.write_string(line, place, value.isoformat() if isinstance(value, date) else value)
    return out.getvalue()
