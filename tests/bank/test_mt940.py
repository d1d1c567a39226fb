"""What banks send that have MT940 alone, one line a case; the values are those of a camt.053 with the same bookings."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.domain.bank_lines import KnownAttempt, check_balances, lines_of_statement, match_line
from services.payments.domain.status import AttemptState
from services.payments.iso20022.bank_message import read_bank_message
from services.payments.iso20022.camt053 import Statement
from services.payments.iso20022.model import Account
from services.payments.iso20022.mt940 import is_swift, read_swift
from shared.kernel.errors import Refused
from shared.kernel.money import Money

D, D2, A, B = (UUID(int=0xABC0 << 108 | number).hex for number in range(4))
ACCOUNT = "HR2199999998100000013"
SENT = KnownAttempt(UUID(A), UUID(D), UUID(B), AttemptState.SENT, ACCOUNT, Money(10_000, "EUR"))
PAID = replace(SENT, state=AttemptState.PAID)
LIMIT = 100_000
OUT = ":61:2603020302D100,00NTRFNONREF//B1"


def message(
    entries: str, account: str = ACCOUNT, opening: str = "F:C260301EUR500,00", closing: str = "F:C260302EUR400,00", number: str = "7/1"
) -> str:
    return f":20:STATEMENT\n:25:{account}\n:28C:{number}\n:60{opening}\n{entries}\n:62{closing}\n-\n"


def read(text: str) -> Statement:
    return read_swift(text.encode(), max_bytes=LIMIT)


def numbered(*parts: str, code: str = "116", sign: str = "?") -> str:
    """Field :86: with the parts as subfields from 20 on, cut at 65 characters as banks do."""
    text = f"{code}{sign}00UEBERWEISUNG" + "".join(f"{sign}{number}{part}" for number, part in enumerate(parts, 20)) + f"{sign}32OBRT"
    return ":86:" + "\n".join(text[begin : begin + 65] for begin in range(0, len(text), 65))


EREF = f"EREF+{D}"
IN = ":61:2603020302C100,00NTRFNONREF//B1"
REFERENCES: list[tuple[str, str, str]] = [
    ("numbered, over two subfields", f"{OUT}\n{numbered(EREF[:27], EREF[27:], 'SVWZ+Voucher')}", "applied"),
    ("numbered, in one", f"{OUT}\n{numbered(EREF, 'SVWZ+Voucher')}", "applied"),
    ("numbered, the text behind it", f"{OUT}\n{numbered(EREF[:27], EREF[27:] + ' Voucher')}", "applied"),
    ("numbered as in Poland", f"{OUT}\n{numbered(EREF, sign='~')}", "applied"),
    ("numbered, without a code", f"{OUT}\n{numbered(EREF, code='')}", "applied"),
    ("numbered, in capitals", f"{OUT}\n{numbered(EREF.upper(), 'SVWZ+Voucher')}", "applied"),
    ("strokes", f"{OUT}\n:86:/TRTP/SEPA/IBAN/HR1210010051863000160/NAME/OBRT/REMI/Voucher/EREF/{D}", "applied"),
    ("strokes over two lines", f"{OUT}\n:86:/EREF/{D[:20]}\n{D[20:]}//CNTP/HR1210010051863000160///REMI/USTD//Voucher/", "applied"),
    ("keys in plain text", f"{OUT}\n:86:Transfer EREF: {D}\nSVWZ: Voucher", "applied"),
    ("key at the start of a line", f"{OUT}\n:86:EREF+{D}\nSVWZ+Voucher", "applied"),
    ("the reference of the owner, whole", f":61:2603020302D100,00NTRF{D}//B1", "applied"),
    (
        "the InstrId of one transfer",
        f":61:2603020302D100,00NTRFKREF+//B1\n{numbered('EREF+NOTPROVIDED', f'KREF+{A}', 'SVWZ+Voucher')}",
        "applied",
    ),
    ("the InstrId of another", f"{OUT}\n{numbered(EREF, f'KREF+{D2}')}", "references-disagree"),
    ("a word of the bank behind it", f"{OUT}\n{numbered(EREF, 'MTLG:Einzelauftrag')}", "applied"),
    ("two fields :86:", f"{OUT}\n:86:116?00X?20{EREF}\n:86:more", "applied"),
    ("not provided", f"{OUT}\n{numbered('EREF+NOTPROVIDED', 'SVWZ+Rent')}", "unknown-reference"),
    ("plain text of others", f"{OUT}\n:86:Rent of March", "no-reference"),
    ("without a field :86:", OUT, "no-reference"),
    ("another amount", f":61:2603020302D99,00NTRFNONREF\n{numbered(EREF)}", "wrong-amount"),
    ("without an entry date", f":61:260302D100,00NTRFNONREF\n{numbered(EREF)}", "applied"),
    ("with the third letter of the currency", f":61:2603020302DR100,00NTRFNONREF\n{numbered(EREF)}", "applied"),
    ("the statement's own words", f"{OUT}\n:86:Rent\n:62F:C260302EUR400,00\n:86:EREF+{D}", "no-reference"),
    ("expected", f":61:2603020302ED100,00NTRFNONREF\n{numbered(EREF)}", "not-booked"),
]


@pytest.mark.parametrize(("entries", "found"), [case[1:] for case in REFERENCES], ids=[case[0] for case in REFERENCES])
def test_references_are_found_wherever_the_bank_puts_them(entries: str, found: str) -> None:
    [line] = lines_of_statement(read(message(entries)))
    match = match_line(line, [SENT])
    assert found in (match.outcome, match.reason)


RETURNS: list[tuple[str, str, tuple[str, str | None]]] = [
    ("reversal of a debit", f":61:2603020302RD100,00NTRFNONREF\n{numbered(EREF)}", ("returned", None)),
    ("reversal, with the letter of the currency", f":61:2603020302RDR100,00NTRFNONREF\n{numbered(EREF)}", ("returned", None)),
    ("GVC of a return, reason in the text", f"{IN}\n{numbered(EREF, 'SVWZ+RETOURE AC04 KONTO', code='159')}", ("returned", "AC04")),
    ("strokes with a reason", f"{IN}\n:86:/EREF/{D}//RTRN/AC01//REMI/USTD//Voucher/", ("returned", "AC01")),
    ("returned item", f":61:2603020302C100,00NRTINONREF\n{numbered(EREF)}", ("returned", None)),
    ("in part", f":61:2603020302RD95,00NTRFNONREF\n{numbered(EREF)}", ("returned-in-part", None)),
    ("without a mark", f"{IN}\n{numbered(EREF, code='166')}", ("return-without-mark", None)),
    ("reversal of a credit", f":61:2603020302RC100,00NTRFNONREF\n{numbered(EREF)}", ("return-taken-back", None)),
]


@pytest.mark.parametrize(("entries", "found"), [case[1:] for case in RETURNS], ids=[case[0] for case in RETURNS])
def test_return_is_known_by_mark_code_or_word(entries: str, found: tuple[str, str | None]) -> None:
    [line] = lines_of_statement(read(message(entries)))
    assert (match_line(line, [PAID]).reason, line.bank_reason) == found


TWO = f"{OUT}\n{OUT}"
DAY = "2026-03-02 2026-03-02"


def paged(*pages: str) -> str:
    """Each with its number, the balances at its begin and its end, and one debit: '7/1 F500 M400'."""
    parts = [page.split() for page in pages]
    days = {"F": "C260301EUR", "M": "C260302EUR"}
    return "".join(
        message(
            OUT,
            opening=f"{opening[0]}:{days[opening[0]]}{opening[1:]},00",
            closing=f"{closing[0]}:C260302EUR{closing[1:]},00",
            number=number,
        )
        for number, opening, closing in parts
    )


ELEVEN = ["7/1 F1500 M1400", *(f"7/{page} M{1600 - 100 * page} M{1500 - 100 * page}" for page in range(2, 11)), "7/11 M500 F400"]
STATEMENTS: list[tuple[str, str, list[tuple[bool | None, str]]]] = [
    ("one", message(OUT), [(True, "2026-03-02 2026-03-02")]),
    ("a booking is missing", message(TWO), [(False, "2026-03-02 2026-03-02")]),
    ("of a week", message(OUT, opening="F:C260223EUR500,00"), [(True, "2026-02-24 2026-03-02")]),
    ("overdrawn", message(OUT, opening="F:C260301EUR40,", closing="F:D260302EUR60,00"), [(True, "2026-03-02 2026-03-02")]),
    (
        "two pages",
        message(OUT, closing="M:C260302EUR400,00") + message(OUT, opening="M:C260302EUR400,00", closing="F:C260302EUR300,00", number="7/2"),
        [(True, "2026-03-02 2026-03-02")],
    ),
    ("the second page alone", message(OUT, opening="M:C260302EUR500,00"), [(True, "None None")]),
    (
        "a page between them is missing",
        message(OUT, closing="M:C260302EUR400,00") + message(OUT, opening="M:C260302EUR300,00", closing="F:C260302EUR200,00", number="7/3"),
        [(True, "None None"), (True, "None None")],
    ),
    ("a page that changes no balance is missing", paged("7/1 F500 M400", "7/3 M400 F300"), [(True, "None None")] * 2),
    ("the last page first", paged("7/2 M400 F300", "7/1 F500 M400"), [(True, DAY)]),
    ("eleven pages, the last one first", paged(*ELEVEN[::-1]), [(True, DAY)]),
    ("numbers filled up with zeros", paged("7/00002 M400 F300", "7/01 F500 M400"), [(True, DAY)]),
    ("two statements, page by page", paged("8/2 M200 F100", "7/2 M400 F300", "8/1 F300 M200", "7/1 F500 M400"), [(True, DAY)] * 2),
    ("two statements of one number", paged("0/1 F500 M400", "0/2 M400 F300", "0/1 F300 M200", "0/2 M200 F100"), [(True, DAY)] * 2),
    ("a number of its own for each page", paged("7 F500 M400", "8 M400 F300"), [(True, DAY)]),
    (
        "each page twice, the last one first",
        paged(*["7/2 M400 F300", "7/1 F500 M400"] * 2),
        [(True, "None None"), (True, DAY), (True, "None None")],
    ),
    (
        "another account between them, the last page first",
        paged("7/2 M400 F300") + message(OUT, account="GR1601101250000000012300695") + paged("7/1 F500 M400"),
        [(True, DAY)] * 2,
    ),
    (
        "two days",
        message(OUT) + message(OUT, opening="F:C260302EUR400,00", closing="F:C260303EUR300,00"),
        [(True, "2026-03-02 2026-03-02"), (True, "2026-03-03 2026-03-03")],
    ),
]


@pytest.mark.parametrize(("text", "found"), [case[1:] for case in STATEMENTS], ids=[case[0] for case in STATEMENTS])
def test_balances_are_proved_page_by_page(text: str, found: list[tuple[bool | None, str]]) -> None:
    assert [(one.adds_up, f"{one.first_day} {one.last_day}") for one in read(text).accounts] == found


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("HR2199999998100000013", ACCOUNT),
        ("hr21 9999 9998 1000 0001 3".upper(), ACCOUNT),
        ("HR2199999998100000013EUR", ACCOUNT),
        ("/PL18999999990000000000012345", "PL18999999990000000000012345"),
        ("18999999990000000000012345", "PL18999999990000000000012345"),
        ("9999999-8100000013", ACCOUNT),
        ("9999999/8100000013", ACCOUNT),
        ("TESTHR2XXXX/HR2199999998100000013", ACCOUNT),
        ("9999/12345", "DK8199990000012345"),
        ("20050550/1234567", "DE03200505500001234567"),
    ],
)
def test_account_is_the_same_however_it_is_written(written: str, ours: str) -> None:
    [one] = read(message(OUT, account=written)).accounts
    assert Account(one.account).is_same(Account(ours))


def test_batch_is_booked_as_one_debit() -> None:
    [line] = lines_of_statement(read(message(f"{OUT}\n{numbered(f'KREF+{B}-1'[:27], f'KREF+{B}-1'[27:], 'SVWZ+SAMMLER', code='191')}")))
    assert (line.end_to_end_id, line.instr_id, line.pmt_inf_id, line.message_id) == (None, None, f"{B}-1", None)


def test_order_booked_as_one_amount_is_named_by_its_message_too() -> None:
    [line] = lines_of_statement(read(message(f"{OUT}\n{numbered(f'KREF+{B}', 'MTLG:Datei mit 2 Zahlungen', code='191')}")))
    assert (line.end_to_end_id, line.instr_id, line.pmt_inf_id, line.message_id) == (None, None, None, B)


def test_charge_within_the_entry_is_a_line_of_its_own() -> None:
    entry = f":61:2603020302D100,50NTRFNONREF//B1\n/OCMT/EUR100,00//CHGS/EUR0,50/\n{numbered(EREF)}"
    found = lines_of_statement(read(message(entry)))
    assert [(line.amount, match_line(line, [SENT]).reason) for line in found] == [
        (Money(10_000, "EUR"), "booked"),
        (Money(50, "EUR"), "no-reference"),
    ]


DAY_OF_ENTRY = [
    ("2601020102", date(2026, 1, 2)),
    ("2512311231", date(2025, 12, 31)),
    ("2601011231", date(2025, 12, 31)),
    ("2512310102", date(2026, 1, 2)),
    ("2602300227", date(2026, 2, 27)),
    ("2403010229", date(2024, 2, 29)),
    ("260301", date(2026, 3, 1)),
]


@pytest.mark.parametrize(("written", "found"), DAY_OF_ENTRY)
def test_entry_date_is_of_the_year_next_to_the_value_date(written: str, found: date) -> None:
    [one] = read(message(f":61:{written}D100,00NTRFNONREF")).transactions
    assert one.booked_on == found


REPORT = (
    f":20:REPORT\n:25:{ACCOUNT}\n:28C:7/1\n:34F:EUR0,\n:13D:2603021200+0100\n{OUT}\n{numbered(EREF)}\n:90D:1EUR100,00\n:90C:0EUR0,\n-\n"
)


def test_report_of_the_day_is_information() -> None:
    statement = read(REPORT)
    [line] = lines_of_statement(statement)
    assert (statement.message, statement.accounts[0].adds_up, match_line(line, [SENT]).reason) == ("MT942", None, "of-the-day")


FRAMES: list[tuple[str, bytes]] = [
    ("bare", message(OUT).encode()),
    ("CR LF", message(OUT).replace("\n", "\r\n").encode()),
    ("blanks before it", b"\r\n \r\n" + message(OUT).encode()),
    ("a mark of UTF-8", b"\xef\xbb\xbf" + message(OUT).encode()),
    ("UTF-16", message(OUT).encode("utf-16")),
    ("SWIFT blocks", f"{{1:F01TESTHR2XAXXX0000000000}}{{2:I940TESTHR2XXXXXN}}{{4:\n{message(OUT)}}}".encode()),
    ("SWIFT blocks, one line", f"{{1:F01TESTHR2XAXXX0000000000}}{{4:{message(OUT)}}}{{5:}}".encode()),
    ("lines of the bank", f"ABCDEF2A\n940\nABCDEF2A\n{message(OUT)}".encode()),
    ("a tag of the message", f":940:\n{message(OUT)}".encode()),
    ("Latin-2", message(f"{OUT}\n:86:Żółw").encode("iso8859-2")),
    ("a control character", message(f"{OUT}\n:86:a\0b\x1bc").encode()),
    ("points for commas", message(OUT).replace(",", ".").encode()),
    ("a hyphen alone", message(f"{OUT}\n:86:Rent\n-\nof March").encode()),
]


@pytest.mark.parametrize("data", [case[1] for case in FRAMES], ids=[case[0] for case in FRAMES])
def test_file_is_known_by_its_content(data: bytes) -> None:
    found = read_bank_message(data, max_bytes=LIMIT)
    assert isinstance(found, Statement)
    assert [(one.account, one.adds_up, len(one.transactions)) for one in found.accounts] == [(ACCOUNT, True, 1)]
    assert all(text.isprintable() for one in found.transactions for text in one.remittance)


def test_xml_with_the_tag_in_a_text_is_no_swift_message() -> None:
    assert not is_swift(f'<?xml version="1.0"?>\n<Document>\n:20:X\n{message(OUT)}</Document>'.encode())


REFUSED: list[tuple[str, str, str, str]] = [
    ("no closing balance", message(OUT).partition(":62F:")[0], "element-missing", "line 1, :20:, :62F:"),
    ("no account", message(OUT).replace(":25:", ":21:"), "element-missing", "line 1, :20:, :25:"),
    ("a point that could part thousands", message(OUT.replace("100,00", "1.000")), "bad-amount", "line 5, :61:"),
    ("thousands and cents", message(OUT.replace("100,00", "1.000,00")), "bad-amount", "line 5, :61:"),
    ("an amount beyond bigint", message(OUT.replace("100,00", f"{'9' * 18},00")), "bad-amount", "line 5, :61:"),
    ("an amount of two commas", message(OUT.replace("100,00", "1,000,00")), "bad-amount", "line 5, :61:"),
    ("a part of a cent", message(OUT.replace("100,00", "100,005")), "bad-amount", "line 5, :61:"),
    ("a day that is none", message(OUT.replace("260302", "261302")), "bad-date", "line 5, :61:"),
    ("no direction", message(OUT.replace("D100", "X100")), "bad-entry", "line 5, :61:"),
    ("digits of another script", message(OUT.replace("100,00", "१००,00")), "bad-entry", "line 5, :61:"),
    ("balances disagree", message(TWO), "balances-disagree", ""),
    ("a line without an end", message(f"{OUT}\n:86:{'x' * 2_001}"), "text-too-long", "line 6, :86:"),
    ("a field without an end", message(f"{OUT}\n:86:{'x' * 20}" + f"\n{'x' * 20}" * 60), "text-too-long", "line 6, :86:"),
    ("statement and report", message(OUT) + REPORT, "not-one-message", "MT940, MT942"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "place"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_file_at_fault_is_refused_with_its_place(text: str, code: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        check_balances(read(text).accounts)
    assert (refused.value.code, refused.value.field or "") == (code, place)


def test_truncated_statement_is_refused_or_whole() -> None:
    """Behind the closing balance nothing is needed."""
    good = message(f"{OUT}\n{numbered(EREF)}")
    whole = good.index(":62F:") + len(":62F:C260302EUR400")
    for end in range(len(":20:"), whole):
        with pytest.raises(Refused):
            check_balances(read(good[:end]).accounts)


def test_statement_in_a_currency_of_no_programme_is_passed_over() -> None:
    dollars = message(OUT, account="CH9300762011623852957").replace("EUR", "CHF")
    both = read(dollars + message(OUT))
    assert [one.account for one in both.accounts] == [ACCOUNT]
    assert [(one.account, one.currency, one.refusal.code) for one in both.unread] == [("CH9300762011623852957", "CHF", "bad-amount")]
    assert read(dollars).accounts == ()


PIECES = [
    *(f":{tag}:" for tag in ("20", "25", "28C", "60F", "60M", "61", "86", "62F", "62M", "34F", "90D", "NS", "99")),
    ACCOUNT, "7/1", OUT, IN,
    "C260301EUR500,00", "D260302EUR400.00", "C000000EUR0,", "C261301CHF1,", "2603020302D100,00NTRF", "2602300229RC1,",
    "?20EREF+", "/EREF/", D,
    f"{B}-1", "116?00?20", "/OCMT/EUR1,00//CHGS/EUR0,", "+", "//", ",", "-", "{4:", "\n", "\0", "\u2028", "\udcff", "9" * 30, "٣", "é",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_read_or_refused(pieces: list[str]) -> None:
    """Any other error would leave the file in the folder, to be tried without limit."""
    data = f":20:S\n:25:{ACCOUNT}\n{''.join(pieces)}".encode(errors="surrogateescape")
    with suppress(Refused):
        statement = read_swift(data, max_bytes=LIMIT)
        assert all(one.adds_up in (True, False, None) for one in statement.accounts)
        assert len(lines_of_statement(statement)) == len(statement.transactions)
