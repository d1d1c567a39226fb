"""Lists: filter, order, pages, and the whole as a file. A page of a list says what it asks and what its columns are, no more."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from portal.kit.exports import TYPES, Rows, Value, as_file, patiently
from portal.kit.formats import money, short_moment
from portal.kit.pages import page
from portal.kit.regions import region_names
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.kernel.money import Money

T = TypeVar("T")
PAGE, LARGEST = 25, 200
"""Rows of a page for people, and of one that an API gives out."""


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


async def every(ask: Callable[..., Awaitable[Any]], **query: Any) -> list[Any]:
    """All rows of a list of an API, for a page that needs them all."""
    found, rows = await ask(**query, limit=LARGEST), list[Any]()
    while True:
        rows += found.items
        if found.next is None:
            return rows
        found = await patiently(partial(ask, **query, limit=LARGEST, cursor=found.next))


async def region_filter(visit: Visit, role: str) -> Filter:
    """Of the regions in which the person has the role; for who reads the list in another one, of that."""
    mine = await region_names(visit, role) or await region_names(visit, *visit.regions_by_role)
    return Filter("region", text(visit.language, "Region"), mine)


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
    if kind in TYPES and not visit.quiet:
        first = await listing.ask(**chosen, limit=LARGEST, cursor=None, sort=order)
        names = [column.name for column in listing.columns]
        return as_file(listing.name, kind, names, _pages(listing, chosen, order, first))
    found = await listing.ask(**chosen, limit=PAGE, cursor=visit.request.query_params.get("cursor") or None, sort=order)
    return page(visit, template, listing=listing, found=found, chosen=chosen, order=order, **values)


async def _pages(listing: Listing[Any], chosen: Mapping[str, str], order: str | None, found: Any) -> AsyncIterator[Rows]:
    """All rows, a page of the API at a time; `found` is the first one, so that a refusal of the list is a page of its own."""
    while True:
        yield [[_value(column, row) for column in listing.columns] for row in found.items]
        if found.next is None:
            return
        found = await patiently(partial(listing.ask, **chosen, limit=LARGEST, cursor=found.next, sort=order))


def _value(column: Column[T], row: T) -> Value:
    cell = column.cell(row)
    if isinstance(cell, str):
        return cell
    return cell.text if cell.value is None else cell.value
