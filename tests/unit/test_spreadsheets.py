"""Lists of European spreadsheets: separator, encoding and number format found from the content, or named. Source: the last row of "Claims"
of the cases that people of the field have met."""

from pathlib import Path

import pytest

from operations.cli.import_rows import read_lines
from shared.kernel.errors import Refused
from shared.kernel.spreadsheets import Named, decimal_of, plain_amount, table_of, text_of

ONE = "00000000-0000-4000-8000-000000000001"
KNOWN = frozenset({"organisation_id", "applicant.name"}).__contains__


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Łódź, Małopolska, śląskie", "windows-1250"), ("Čakovec, Đurđevac, županija", "windows-1250"),
        ("Læsø, Århus, Ærø", "windows-1252"), ("Θεσσαλονίκη, Δείγμα", "windows-1253"), ("Łódź, Θεσσαλονίκη, Århus", "utf-8"),
        ("Łódź, Θεσσαλονίκη", "utf-8-sig"), ("Łódź, Θεσσαλονίκη", "utf-16"), ("organisation Łódź", "utf-16-le"), ("plain words", "ascii"),
        ("café, coöperatie", "windows-1252"), ("Wąż, Łódź, Świętokrzyskie", "iso-8859-2"), ("Košice, Čakovec, županija", "iso-8859-2"),
        ("Dąbrowa, Łódka, Żywiec", "windows-1250"), ("Dąbrowa", "iso-8859-2"), ("Θεσσαλονίκη, Δείγμα", "iso-8859-7"),
    ],
)  # fmt: skip
def test_encoding_is_found_from_the_letters(words: str, encoding: str) -> None:
    assert text_of(words.encode(encoding)) == words


def test_what_fits_two_encodings_is_refused_with_both() -> None:
    content = "Kærgaard".encode("windows-1252")
    with pytest.raises(Refused, match="windows-1250, windows-1252"):
        text_of(content)
    assert text_of(content, "windows-1252") == "Kærgaard"


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Zwi±zek ą".replace("±", "ą"), "cp852"),
        ("Košice", "iso-8859-2"),
        ("Άργος", "iso-8859-7"),
        ("Kraków", "mac_latin2"),
        ("Częstochowa", "mac_latin2"),
        ("Częstochowa", "cp852"),
        ("Požega", "cp852"),
    ],
)
def test_other_code_pages_are_not_read_as_something_else(words: str, encoding: str) -> None:
    """Read rightly where the letters are of one language alone, else refused with what it may be."""
    content = words.encode(encoding)
    with pytest.raises(Refused, match="encoding cannot be found"):
        text_of(content)


@pytest.mark.parametrize(
    ("content", "encoding", "code"),
    [
        (b"PK\x03\x04...", None, "not-a-list"), (b"\xff\xff\x81\x8d", None, "encoding-unclear"),
        ("Łódź".encode("windows-1250"), "utf-8", "encoding-wrong"), (b"a", "no-such", "encoding-unknown"),
    ],
)  # fmt: skip
def test_file_that_cannot_be_read_says_why(content: bytes, encoding: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        text_of(content, encoding)
    assert refused.value.code == code


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
    ],
)  # fmt: skip
def test_amount_is_read_in_the_format_of_its_list(cells: list[str], decimal: str, plain: str) -> None:
    assert decimal_of(cells) == decimal
    assert plain_amount(cells[0], decimal) == plain


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


def test_import_reads_a_polish_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    text = (
        f"organisation_id;applicant.name;costs.currency;costs.requested;costs.total_cost_minor\r\n{ONE};Łódź Studio;PLN;1.234,56;200000\r\n"
    )
    file.write_bytes(text.encode("windows-1250"))
    [line] = read_lines(file)
    assert line.content is not None
    assert line.content["form"] == {
        "applicant": {"name": "Łódź Studio"}, "costs": {"currency": "PLN", "requested_minor": 123_456, "total_cost_minor": 200_000},
    }  # fmt: skip
    with pytest.raises(Refused, match="utf-8"):
        list(read_lines(file, Named(encoding="utf-8")))
