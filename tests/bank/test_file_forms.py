"""Forms of files that banks really send: namespaces, hours, encodings, envelopes."""

from contextlib import nullcontext

import pytest

from services.payments.iso20022.camt053 import read_statement
from shared.kernel.errors import Refused
from tests.bank.test_cases import DAY, balance, page, pages

NAMESPACES = [
    ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", True),
    ("urn:swift:xsd:$camt.053.001.08", True),
    ("http://www.six-interbank-clearing.com/de/camt.053.001.08.ch.02.xsd", True),
    ("http://www.six-interbank-clearing.com/de/camt.053.001.08", False),
    ("urn:example:camt.053.001.08", False),
]


@pytest.mark.parametrize(("namespace", "known"), NAMESPACES)
def test_message_has_one_of_the_known_namespaces(namespace: str, known: bool) -> None:
    data = pages(page("S", "")).replace(b"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", namespace.encode())
    with nullcontext() if known else pytest.raises(Refused, match="root element"):
        assert read_statement(data, max_bytes=10_000).message == "camt.053.001.08"


def test_day_may_end_at_its_twenty_fourth_hour() -> None:
    period = (
        "<FrToDt><FrDtTm>2026-03-01T24:00:00</FrDtTm><ToDtTm>2026-03-02T24:00:00</ToDtTm></FrToDt><CreDtTm>2026-03-02T24:00:00</CreDtTm>"
    )
    [one] = read_statement(pages(page("S", balance("OPBD", "500.00") + balance("CLBD", "400.00"), period)), max_bytes=10_000).accounts
    assert (one.first_day, one.last_day) == (DAY, DAY)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF8", "utf-8"), ("cp1250", "cp1250"), ("ISO_8859-2", "iso8859-2"), ("windows-1253", "cp1253"), ("ISO-8859-7", "iso8859-7"),
        ("UTF-16", "utf-16"), ("", "utf-8"),
    ],
)  # fmt: skip
def test_file_is_read_in_the_encoding_that_it_declares(declared: str, codec: str) -> None:
    said = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    word = "ΔΕΙΓΜΑ" if codec in ("cp1253", "iso8859-7") else "Wrocław Đ" if codec not in ("utf-8", "utf-16") else "Δείγμα Wrocław"
    text = f"{said}{pages(page('S', '')).decode()}".replace("</Sts></Ntry>", f"</Sts><AddtlNtryInf>{word}</AddtlNtryInf></Ntry>")
    text = text.replace("<Id>S</Id>", f"<Id>{word}</Id>")
    assert read_statement(text.encode(codec), max_bytes=10_000).accounts[0].statement_id == word


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_file_in_utf_16_need_not_have_its_mark(codec: str) -> None:
    """N5; source: XML 1.0, appendix F."""
    text = f'<?xml version="1.0" encoding="UTF-16"?>{pages(page("S", "")).decode()}'.replace("<Id>S</Id>", "<Id>Wrocław Đ</Id>")
    assert read_statement(text.encode(codec), max_bytes=10_000).accounts[0].statement_id == "Wrocław Đ"


@pytest.mark.parametrize("before", [b"\r\n", b"  ", b"\xef\xbb\xbf\n"])
def test_file_may_begin_with_blanks(before: bytes) -> None:
    said = b'<?xml version="1.0" encoding="UTF-8"?>'
    assert read_statement(before + said + pages(page("S", "")), max_bytes=10_000).accounts


def test_message_may_stand_in_an_envelope() -> None:
    data = (
        b'<Envelope xmlns="urn:example:envelope"><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"/>'
        + pages(page("S", ""))
        + b"</Envelope>"
    )
    assert read_statement(data, max_bytes=10_000).accounts
