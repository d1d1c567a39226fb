"""What a bank puts into its folder, and what verify reads of a statement that is MT940."""

import os
from datetime import date
from pathlib import Path

import pytest

from operations.verify.bank_files import StatementDays, read_bank
from operations.verify.bank_mt940 import read_mt940, swift_days
from shared.kernel.files import deliveries_in
from tests.bank.test_mt940 import ACCOUNT, EREF, IN, OUT, STATEMENTS, D, message, numbered


def test_file_is_delivered_whatever_its_name(tmp_path: Path) -> None:
    for name in ("camt.xml", "CAMT.XML", "statement.sta", "00042", "s.940", "taken.txt"):
        (tmp_path / name).touch()
    for name in ("camt.xml.sig", ".next", "next.part", "next.TMP", "next.filepart"):
        (tmp_path / name).touch()
    for name in ("taken", "refused", "old", "folder.xml"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe.sta")
    found = {path.name for path in deliveries_in(tmp_path)}
    assert found == {"camt.xml", "CAMT.XML", "statement.sta", "00042", "s.940", "taken.txt", "folder.xml", "pipe.sta"}


def test_verify_reads_what_a_statement_books(tmp_path: Path) -> None:
    """By a reader of its own: a booking and its return, a credit of others, and an account of nobody."""
    outgoing, incoming = tmp_path / "outgoing", tmp_path / "incoming"
    (incoming / "taken").mkdir(parents=True)
    outgoing.mkdir()
    (outgoing / "pain001.xml").write_text(
        f"<Document><GrpHdr><MsgId>M</MsgId></GrpHdr><DbtrAcct><Id><IBAN>{ACCOUNT}</IBAN></Id></DbtrAcct></Document>"
    )
    entries = f"{OUT}\n{numbered(EREF[:27], EREF[27:])}\n:61:2603020302RD100,00NTRFNONREF\n{numbered(EREF)}\n{IN}\n:86:Paid back RF18 5390"
    statements = message(entries, account=f"{ACCOUNT[4:11]}-{ACCOUNT[11:]}") + message(OUT, account="GR1601101250000000012300695")
    (incoming / "taken" / "a.xml").write_text(statements)
    found = read_bank(outgoing, incoming, tmp_path / "book")
    own_form = f"{D[:8]}-{D[8:12]}-{D[12:16]}-{D[16:20]}-{D[20:]}"
    assert [(one.disbursement_id, one.amount_minor, one.returned) for one in found.statements] == [
        (own_form, 10_000, False),
        (own_form, 10_000, True),
    ]
    assert [(one.amount_minor, "RF185390" in one.text) for one in found.credits] == [(10_000, True)]
    assert (found.days, found.unreadable) == ([StatementDays(ACCOUNT, date(2026, 3, 2), date(2026, 3, 2))], [])


@pytest.mark.parametrize(("text", "found"), [case[1:] for case in STATEMENTS], ids=[case[0] for case in STATEMENTS])
def test_verify_knows_the_days_that_pages_prove(text: str, found: list[tuple[bool | None, str]]) -> None:
    """Those that `payments` knows: else a payment begun again after such a statement would be a breach."""
    days = {f"{one.first} {one.last}" for one in swift_days(read_mt940(text.encode()), {ACCOUNT})}
    assert days == {days for _, days in found if days != "None None"}
