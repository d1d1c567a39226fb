"""Lists as files, and what of a query sets a filter."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from portal.client.base import ApiProblem
from portal.kit import exports
from portal.kit.exports import CSV, TYPES, XLSX, Rows, csv_parts, xlsx_parts
from portal.kit.lists import Column, Filter, Listing, amount, instant, listed

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NAMES = ["name", "total", "at"]
ROWS = [["=1+1", Decimal("12.50"), datetime(2026, 3, 1, 12, tzinfo=UTC)], ['Studio "Ω", north', 7, None]]


async def pages(*rows: Rows) -> AsyncIterator[Rows]:
    for some in rows:
        yield some


async def whole(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


async def test_csv_gives_a_spreadsheet_nothing_to_compute() -> None:
    assert (await whole(csv_parts(NAMES, pages(ROWS[:1], ROWS[1:])))).decode("utf-8-sig").splitlines() == [
        "name,total,at",
        "'=1+1,12.50,2026-03-01T12:00:00+00:00",
        '"Studio ""Ω"", north",7,',
    ]


async def test_xlsx_has_numbers_and_texts_and_no_formula() -> None:
    content = await whole(xlsx_parts(NAMES, pages(ROWS[:1], ROWS[1:], [["<a>\x00 & _x0041_", 1, date(2026, 3, 1)]])))
    with ZipFile(BytesIO(content)) as book:
        parts = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    cells = {cell.attrib["r"]: "".join(cell.itertext()) for cell in sheet.iter(f"{MAIN}c")}
    assert (cells["A1"], cells["A2"], cells["B2"], cells["A3"], cells["B3"]) == ("name", "=1+1", "12.5", 'Studio "Ω", north', "7")
    assert (cells["A4"], cells["C4"]) == ("<a>_x0000_ & _x005F_x0041_", "2026-03-01")
    assert "C3" not in cells
    assert not list(sheet.iter(f"{MAIN}f"))
    assert content == await whole(xlsx_parts(NAMES, pages(ROWS[:1], ROWS[1:], [["<a>\x00 & _x0041_", 1, date(2026, 3, 1)]])))


@pytest.mark.parametrize(("kind", "written"), [(CSV, [1, 2]), (XLSX, [])])
async def test_file_is_written_while_its_rows_are_read(kind: str, written: list[int]) -> None:
    """A first page of 200 rows is on its way as CSV before the second one is asked for, a workbook at the end. What fails later ends the
    answer without its end."""
    asked: list[str | None] = []

    async def ask(*, cursor: str | None, **_: Any) -> Any:
        asked.append(cursor)
        if len(asked) == 3:
            raise ApiProblem(503, {"code": "no-answer"})
        return SimpleNamespace(items=[f"{len(asked)}-{number}" for number in range(200)], next=str(len(asked)))

    visit: Any = SimpleNamespace(request=SimpleNamespace(query_params={"as": kind}), working_region="", quiet=False)
    answer: Any = await listed(visit, Listing("it", "", [Column("name", "", str)], ask, ""))
    assert (asked, answer.headers["content-type"]) == ([None], TYPES[kind])
    sent: list[tuple[int, bytes]] = []
    with suppress(ApiProblem):
        async for part in answer.body_iterator:
            sent.append((len(asked), part))  # noqa: PERF401 (what came before the failure)
    assert [before for before, _ in sent][-2:] == written
    assert asked == [None, "1", "2"]


async def test_workbook_with_too_many_rows_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_MOST_LINES", 3)
    assert await whole(xlsx_parts(NAMES, pages(ROWS)))
    with pytest.raises(ValueError, match="more rows"):
        await whole(xlsx_parts(NAMES, pages(ROWS, ROWS[:1])))


async def test_list_that_is_refused_begins_no_file() -> None:
    async def ask(**_: Any) -> Any:
        raise ApiProblem(403, {"code": "forbidden"})

    visit: Any = SimpleNamespace(request=SimpleNamespace(query_params={"as": CSV}), working_region="", quiet=False)
    with pytest.raises(ApiProblem):
        await listed(visit, Listing("it", "", [], ask, ""))


def test_cells_keep_the_value_for_files() -> None:
    assert amount(123_450, "EUR", "nl").value == Decimal("1234.50")
    assert instant(None, "Europe/Brussels", "nl").text == ""


@pytest.mark.parametrize(
    ("query", "chosen", "order"),
    [
        ({"state": "open", "name": " a ", "region": ""}, {"state": "open", "name": "a"}, "at"),
        ({"state": "no state", "name": " ", "sort": "-at"}, {"region": "here"}, "-at"),
        ({"other": "x", "sort": "secret", "region": "nowhere"}, {}, "at"),
    ],
)
def test_only_what_the_list_offers_is_asked_of_the_api(query: dict[str, str], chosen: dict[str, str], order: str) -> None:
    visit: Any = SimpleNamespace(request=SimpleNamespace(query_params=query), working_region="here")
    filters = [Filter("state", "", {"open": "Open"}), Filter("name", ""), Filter("region", "", {"here": "Here"})]
    columns: list[Column[Any]] = [Column("at", "", str, sort="at")]
    listing: Listing[Any] = Listing("it", "", columns, SimpleNamespace, "", filters, "at")
    assert (listing.chosen(visit), listing.order(visit)) == (chosen, order)
