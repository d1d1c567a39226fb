"""Statements in pages that stand in any order, and details that say less than they should: neither stops a file, nothing is lost."""

import pytest

from services.payments.domain.bank_lines import lines_of_statement, match_line
from services.payments.iso20022.camt053 import read_statement
from tests.bank.test_cases import INSTRUCTED, PROVED, SENT, WHOLE, D, entry, page, pages, pagination, part

FIRST, LAST = page("S", WHOLE, pagination(1, "false")), page("S", WHOLE, pagination(2, "true"))
ORDERS: list[tuple[str, list[str], list[bool | None]]] = [
    ("the last page first", [LAST, FIRST], [True]),
    ("another statement between them", [FIRST, page("T", PROVED), LAST], [True, True]),
    ("a page that changes no balance is missing", [FIRST, LAST.replace(">2<", ">3<")], [None]),
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


@pytest.mark.parametrize("written", ["000000000000100.00", "100.00000", "100", "100.", "+100.00", " 100.0 "])
def test_amount_is_the_same_however_it_is_written(written: str) -> None:
    """Row 31; white space around decimals is valid XML."""
    [line] = lines_of_statement(read_statement(entry(written, part(D)), max_bytes=10_000))
    assert match_line(line, [SENT]).outcome == "applied"


@pytest.mark.parametrize("currency", ["PLN", "USD", "XXX"])
@pytest.mark.parametrize("place", ["TxAmt", "InstdAmt", "CntrValAmt"])
def test_amount_in_another_currency_mixes_with_no_balance(currency: str, place: str) -> None:
    """K5: of a currency that a programme pays in, or not."""
    other = f'<AmtDtls><{place}><Amt Ccy="{currency}">431.25</Amt></{place}></AmtDtls>'
    booked = f'<Ntry><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><NtryDtls>{part("RENT", other)}</NtryDtls></Ntry>'
    data = pages(page("S", PROVED).partition("<Ntry>")[0] + booked + "</Stmt>")
    [one] = read_statement(data, max_bytes=10_000).accounts
    assert (one.adds_up, [each.amount for each in one.transactions]) == (True, [SENT.amount])


def test_detail_has_the_direction_that_it_says() -> None:
    """Row 12: an entry of 50.00 that is the rest of a credit and a debit of ours."""
    credit = part("RENT", '<Amt Ccy="EUR">150.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>')
    debit = part(D, '<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>')
    data = entry("50.00", credit + debit).replace(b"<CdtDbtInd>DBIT</CdtDbtInd><Sts>", b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>")
    lines = lines_of_statement(read_statement(data, max_bytes=10_000))
    assert [(line.amount and line.amount.minor, match_line(line, [SENT]).reason) for line in lines] == [
        (15_000, "credit-of-others"), (10_000, "booked"),
    ]  # fmt: skip
