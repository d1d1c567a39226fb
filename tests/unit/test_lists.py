"""Lists as files, and what of a query sets a filter."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest

from portal.kit.lists import Column, Filter, Listing, amount, csv_of, instant, xlsx_of

NAMES = ["name", "total", "at"]
ROWS = [["=1+1", Decimal("12.50"), datetime(2026, 3, 1, 12, tzinfo=UTC)], ['Studio "Ω", north', 7, None]]


def test_csv_gives_a_spreadsheet_nothing_to_compute() -> None:
    assert csv_of(NAMES, ROWS).decode("utf-8-sig").splitlines() == [
        "name,total,at",
        "'=1+1,12.50,2026-03-01T12:00:00+00:00",
        '"Studio ""Ω"", north",7,',
    ]


def test_xlsx_has_numbers_and_texts_and_no_formula() -> None:
    with ZipFile(BytesIO(xlsx_of(NAMES, ROWS))) as book:
        sheet, texts = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/sharedStrings.xml").decode()
    assert "<v>12.5</v>" in sheet
    assert "<f>" not in sheet
    assert "<t>=1+1</t>" in texts
    assert xlsx_of(NAMES, ROWS) == xlsx_of(NAMES, ROWS)


def test_cells_keep_the_value_for_files() -> None:
    assert amount(123_450, "EUR", "nl").value == Decimal("1234.50")
    assert instant(None, "Europe/Brussels", "nl").text == ""


@pytest.mark.parametrize(
    ("query", "chosen", "order"),
    [
        ({"state": "open", "name": " a "}, {"state": "open", "name": "a"}, "at"),
        ({"state": "no state", "name": " ", "sort": "-at"}, {}, "-at"),
        ({"other": "x", "sort": "secret"}, {}, "at"),
    ],
)
def test_only_what_the_list_offers_is_asked_of_the_api(query: dict[str, str], chosen: dict[str, str], order: str) -> None:
    visit: Any = SimpleNamespace(request=SimpleNamespace(query_params=query))
    filters = [Filter("state", "", {"open": "Open"}), Filter("name", "")]
    columns: list[Column[Any]] = [Column("at", "", str, sort="at")]
    listing: Listing[Any] = Listing("it", "", columns, SimpleNamespace, "", filters, "at")
    assert (listing.chosen(visit), listing.order(visit)) == (chosen, order)
