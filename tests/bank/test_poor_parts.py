"""Statements in pages that stand in any order, and details that say less than they should: neither stops a file, nothing is lost."""

import pytest

from services.payments.domain.bank_lines import lines_of_statement, match_line
from services.payments.iso20022.camt053 import read_statement
from tests.bank.test_cases import INSTRUCTED, PROVED, SENT, WHOLE, D, entry, page, pages, pagination, part

FIRST, LAST = page("S", WHOLE, pagination(1, "false")), page("S", WHOLE, pagination(2, "true"))
ORDERS: list[tuple[str, list[str], list[bool | None]]] = [
    ("the last page first", [LAST, FIRST], [True]),
    ("another statement between them", [FIRST, page("T", PROVED), LAST], [True, True]),
    ("numbers filled up with zeros", [FIRST.replace(">1<", ">0001<"), LAST.replace(">2<", ">0002<")], [True]),
    ("no number is one", [page("S", PROVED, "<StmtPgntn><PgNb>X</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>")], [None]),
]


@pytest.mark.parametrize(("parts", "found"), [case[1:] for case in ORDERS], ids=[case[0] for case in ORDERS])
def test_pages_are_of_one_statement_in_any_order(parts: list[str], found: list[bool | None]) -> None:
    """N4. The number of a page is Max5NumericText: 0001 is 1."""
    read = read_statement(pages(*parts), max_bytes=10_000).accounts
    assert [one.adds_up for one in read] == found
    assert all((one.last_day is not None) is bool(one.adds_up) for one in read)


def test_pages_are_in_the_order_of_their_numbers() -> None:
    """Ten comes after two."""
    parts = [page("S", "", pagination(number, "true" if number == 10 else "false"), amount=f"{number}.00") for number in (10, 2, 1)]
    [one] = read_statement(pages(*parts), max_bytes=10_000).accounts
    assert [each.amount.minor for each in one.transactions] == [100, 200, 1_000]


POOR: list[tuple[str, str]] = [
    ("without a currency", "<Amt>100.00</Amt>"),
    ("empty", '<Amt Ccy="EUR"></Amt>'),
    ("empty, with the amount as instructed", f'<Amt Ccy="EUR"> </Amt>{INSTRUCTED}'),
]


@pytest.mark.parametrize("amount", [case[1] for case in POOR], ids=[case[0] for case in POOR])
def test_poor_amount_of_a_detail_is_that_of_its_entry(amount: str) -> None:
    """K4: a detail that is poor refuses no file."""
    [line] = lines_of_statement(read_statement(entry("100.00", part(D, amount)), max_bytes=10_000))
    assert (line.amount, match_line(line, [SENT]).outcome) == (SENT.amount, "applied")
