"""Lists of European spreadsheets: separator and number format found from the content, or named. Source: the last row of "Claims"
of the cases that people of the field have met."""

from pathlib import Path

import pytest

from operations.cli.import_rows import read_lines
from shared.kernel.errors import Refused
from shared.kernel.money import OtherCurrency
from shared.kernel.spreadsheets import Named, decimal_of, plain_amount, table_of

ONE = "00000000-0000-4000-8000-000000000001"
KNOWN = frozenset({"organisation_id", "applicant.name"}).__contains__


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separator_is_found_from_the_heading(separator: str) -> None:
    text = f'organisation_id{separator}applicant.name\r\n{ONE}{separator}"A; B, C"\r\n{separator}\r\n'
    [row] = table_of(text.encode(), KNOWN)
    assert row.cells == {"organisation_id": ONE, "applicant.name": "A; B, C"}
    assert row.number == 2
    assert table_of(f"sep={separator}\r\n{text}".encode(), KNOWN) == [row]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("organisation_id\n1", ["organisation_id"]), ("firm;name\n1;2", ["firm", "name"]), ("extra,other\n1,2", ["extra", "other"]),
        ("organisation_id;a,b\n1;2", ["organisation_id", "a,b"]),
    ],
)  # fmt: skip
def test_heading_is_separated_by_what_it_has(text: str, names: list[str]) -> None:
    [row] = table_of(text.encode(), KNOWN)
    assert list(row.cells) == names


def test_heading_of_two_readings_needs_its_separator() -> None:
    with pytest.raises(Refused, match="semicolon, comma, tab, bar"):
        table_of(b"firm;name,town\n1;2,3", KNOWN)
    assert list(table_of(b"firm;name,town\n1;2,3", KNOWN, Named(separator=";"))[0].cells) == ["firm", "name,town"]
    with pytest.raises(Refused, match="Row 2 has more cells"):
        table_of(b"firm;name\n1;2;3", KNOWN)


@pytest.mark.parametrize(
    ("cells", "decimal", "plain"),
    [
        (["1.234,56"], ",", "1234.56"), (["1,234.56"], ".", "1234.56"), (["1.234"], ",", "1234"), (["1,234"], ".", "1234"),
        (["12,5"], ",", "12.5"), (["1 234 567,00"], ",", "1234567.00"), (["1234"], ".", "1234"), (["1\u00a0234,5"], ",", "1234.5"),
        (["1.234.567"], ",", "1234567"), (["-12,50"], ",", "-12.50"),
        (["1.234,56 zł"], ",", "1234.56"), (["€\u00a01,234.56"], ".", "1234.56"),
    ],
)  # fmt: skip
def test_amount_is_read_in_the_format_of_its_list(cells: list[str], decimal: str, plain: str) -> None:
    assert decimal_of(cells) == decimal
    assert plain_amount(cells[0], decimal, None) == plain


@pytest.mark.parametrize("cell", ["0,001", "0.250", "00.250"])
def test_zero_before_thousands_is_no_amount(cell: str) -> None:
    """Three decimals of nothing, read as thousands, would be a thousand times as much."""
    with pytest.raises(ValueError, match="not an amount"):
        plain_amount(cell, decimal_of([cell]))


def test_two_formats_in_one_list_are_refused() -> None:
    with pytest.raises(Refused, match=r"1,234.56 and 1.234,56"):
        decimal_of(["1.234,56", "1,234.56"])
    with pytest.raises(ValueError, match="not an amount"):
        plain_amount("1.234,56", ".")


SIGNED = [
    ("PLN", "1.234,56 zł"), ("PLN", "1.234,56\u00a0ZŁ"), ("PLN", "PLN 1.234,56"), ("PLN", "1.234,56PLN"), ("PLN", "1.234,56 zl"),
    ("DKK", "kr. 1.234,56"), ("DKK", "1.234,56 kr."), ("DKK", "1.234,56 kr"), ("DKK", "kr1.234,56"), ("DKK", "1.234,56\u202fdkk"),
    ("EUR", "€ 1.234,56"), ("EUR", "1.234,56 €"), ("EUR", "EUR1.234,56"), ("EUR", "1.234,56 euro"), ("EUR", "1.234,56 EUR"),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "cell"), SIGNED)
def test_amount_may_have_the_sign_of_its_currency(currency: str, cell: str) -> None:
    assert decimal_of([cell]) == ","
    assert plain_amount(cell, ",", currency) == "1234.56"
    for other in {"EUR", "PLN", "DKK"} - {currency}:
        with pytest.raises(OtherCurrency):
            plain_amount(cell, ",", other)
    with pytest.raises(OtherCurrency):
        plain_amount(cell, ",")


def test_row_with_another_currency_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"organisation_id;costs.currency;costs.requested\n{ONE};PLN;1.234,56 zł\n{ONE};PLN;1.234,56 kr.\n")
    with pytest.raises(Refused, match=r"Row 3 has the amount 1.234,56 kr\., but its currency is PLN"):
        list(read_lines(file))


def test_import_reads_a_polish_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    heading = "organisation_id;applicant.name;costs.currency;costs.requested;costs.total_cost_minor"
    text = f"{heading}\r\n{ONE};Łódź Studio;PLN;1.234,56 zł;200000\r\n"
    file.write_bytes(text.encode("windows-1250"))
    [line] = read_lines(file)
    assert line.content is not None
    assert line.content["form"] == {
        "applicant": {"name": "Łódź Studio"}, "costs": {"currency": "PLN", "requested_minor": 123_456, "total_cost_minor": 200_000},
    }  # fmt: skip
    with pytest.raises(Refused, match="utf-8"):
        list(read_lines(file, Named(encoding="utf-8")))
