"""Hostile files in the incoming folder: each is refused with a recorded reason or imported whole, never in part."""

import gzip
import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.payments.domain.bank_lines import lines_of_statement
from services.payments.iso20022 import xml_reader
from services.payments.iso20022.camt053 import read_statement
from services.payments.iso20022.pain002 import read_status_report
from services.payments.tables import BankFileRow, BankLineRow, DisbursementRow
from shared.contracts.payments import DisbursementRejected
from shared.kernel.errors import Refused
from shared.messaging.tables import OutboxRow
from tests.support.digest import digest
from tests.support.identity import serving
from tests.support.payments import Payments, camt053, pain002, policy_of

STATEMENT = camt053([{"e2e": "e" * 32, "instr": "f" * 32, "amount_minor": 12_345, "returned": False}], policy_of("hr-koprivnica"))
REPORT = pain002(UUID(int=7), "e" * 32, "f" * 32, "RJCT", "AC04")


async def sent(payments: Payments) -> DisbursementRow:
    return await payments.sent(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)


def kept_as(payments: Payments, state: str, data: bytes) -> Path:
    """Where a file with these bytes is once it is taken or refused."""
    return payments.incoming.folder / state / f"{hashlib.sha256(data).hexdigest()}.xml"


def declared(encoding: str, data: bytes) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + data


def with_doctype(doctype: str, value: str = "B-1") -> Callable[[bytes], bytes]:
    return lambda good: f"<!DOCTYPE Document {doctype}>".encode() + good.replace(b">B-1<", f">{value}<".encode())


LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 12))
HOSTILE: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("nothing", lambda good: b"", "not-xml"),
    ("white space", lambda good: b" \n" * 1000, "not-xml"),
    ("a compressed file", gzip.compress, "not-xml"),
    ("cut in the middle", lambda good: good[: len(good) // 2], "not-xml"),
    ("cut before the last letter", lambda good: good[:-1], "not-xml"),
    ("twice in one", lambda good: good + good, "not-xml"),
    ("more after its end", lambda good: good + b"\0" * 100, "not-xml"),
    ("billion laughs", with_doctype(f"[<!ENTITY l0 'lol'>{LAUGHS}]", "&l11;"), "document-type"),
    ("laughs in an attribute", with_doctype(f"[<!ENTITY l0 'lol'>{LAUGHS}]", 'B<x a="&l11;"/>'), "document-type"),
    ("quadratic blow-up", with_doctype(f"[<!ENTITY a '{'a' * 50_000}'>]", "&a;" * 50_000), "document-type"),
    ("an entity without harm", with_doctype("[<!ENTITY e 'B-1'>]", "&e;"), "document-type"),
    ("a file as an entity", with_doctype("[<!ENTITY e SYSTEM 'FILE'>]", "&e;"), "document-type"),
    ("an address as an entity", with_doctype("[<!ENTITY e SYSTEM 'ADDRESS'>]", "&e;"), "document-type"),
    ("an address as a parameter", with_doctype("[<!ENTITY % p SYSTEM 'ADDRESS'> %p;]"), "document-type"),
    ("an address as the type", with_doctype("SYSTEM 'ADDRESS'"), "document-type"),
    ("a public type", with_doctype("PUBLIC '-//BANK//DTD' 'ADDRESS'"), "document-type"),
    ("an undeclared entity", lambda good: good.replace(b">B-1<", b">&e;<"), "not-xml"),
    ("another namespace", lambda good: good.replace(b"camt.053.001.08", b"camt.053.001.99"), "unknown-message"),
    ("a namespace within ours", lambda good: good.replace(b"xsd:camt.053.001.08", b"xsd:camt.053.001.08:x"), "unknown-message"),
    ("no namespace", lambda good: good.replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b""), "unknown-message"),
    ("our own order", lambda good: good.replace(b"camt.053.001.08", b"pain.001.001.09"), "unknown-message"),
    ("another root", lambda good: good.replace(b"Document", b"Dokument"), "unknown-message"),
    ("two messages", lambda good: good.replace(b"</Document>", b"<BkToCstmrStmt/></Document>"), "not-one-message"),
    ("UTF-16 with a type", lambda good: with_doctype("SYSTEM 'ADDRESS'")(good).decode().encode("utf-16"), "document-type"),
    ("UTF-16, cut in a letter", lambda good: good.decode().encode("utf-16")[:-1], "not-in-its-encoding"),
    ("a byte that Windows-1250 has not", lambda good: declared("cp1250", good.replace(b">B-1<", b">\x81<")), "not-in-its-encoding"),
    ("UTF-16, said only", lambda good: declared("UTF-16", good), "unknown-encoding"),
    ("UTF-32", lambda good: good.decode().encode("utf-32"), "not-xml"),
    ("EBCDIC", lambda good: declared("IBM037", good).decode().encode("cp037"), "not-xml"),
    ("EBCDIC, said only", lambda good: declared("IBM037", good), "unknown-encoding"),
    ("UTF-7, which hides tags", lambda good: declared("UTF-7", b"") + good.replace(b"<", b"+ADw-"), "unknown-encoding"),
    ("an encoding that is none", lambda good: declared("klingon", good), "unknown-encoding"),
    ("Latin-1 that says UTF-8", lambda good: declared("UTF-8", good.replace(b">B-1<", b">\xe9<")), "not-xml"),
    ("half a character", lambda good: good.replace(b">B-1<", b">\xed\xa0\x80<"), "not-xml"),
    ("NUL", lambda good: good.replace(b">B-1<", b">\0<"), "not-xml"),
    ("NUL by its number", lambda good: good.replace(b">B-1<", b">&#0;<"), "not-xml"),
    ("a control character", lambda good: good.replace(b">B-1<", b">&#1;<"), "not-xml"),
    ("100,000 levels", lambda good: good.replace(b">B-1<", b">" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"<"), "not-xml"),
    ("a reference of 501 letters", lambda good: good.replace(b">B-1<", b">" + b"x" * 501 + b"<"), "text-too-long"),
    ("a reference of 9 MB", lambda good: good.replace(b">B-1<", b">" + b"x" * 9_000_000 + b"<"), "text-too-long"),
    ("an amount beyond bigint", lambda good: good.replace(b">100.00<", b">999999999999999999<"), "bad-amount"),
    ("an amount of 19 digits", lambda good: good.replace(b">100.00<", b">9999999999999999999<"), "bad-amount"),
    ("an amount with an exponent", lambda good: good.replace(b">100.00<", b">1e999999999<"), "bad-amount"),
    ("an amount in other digits", lambda good: good.replace(b">100.00<", ">१००<".encode()), "bad-amount"),
    ("a day that is none", lambda good: good.replace(b"2026-03-04", b"2026-02-30"), "bad-date"),
    ("a year of five digits", lambda good: good.replace(b"2026-03-04", b"12026-03-04"), "bad-date"),
]  # fmt: skip


async def test_hostile_file_is_refused_with_its_reason(payments: Payments, tmp_path: Path) -> None:
    """A good statement is spoilt in each way in turn; then it comes as it is, and is taken."""
    disbursement = await sent(payments)
    good, secret = await payments.statement(disbursement), tmp_path / "secret"
    secret.write_text("B-secret")
    before, odd = await digest(payments.engine, "bank_files"), []
    with serving() as elsewhere:
        for name, spoil, reason in HOSTILE:
            data = spoil(good).replace(b"FILE", secret.as_uri().encode()).replace(b"ADDRESS", elsewhere.url.encode())
            await payments.receive(data, f"{name}.xml")
            row = next((row for row in await payments.rows(BankFileRow) if row.name == f"{name}.xml"), None)
            if (row and row.reason) != reason or not kept_as(payments, "refused", data).exists():
                odd.append((name, row and (row.state, row.reason)))
        assert elsewhere.reads == 0
    assert not odd, "\n".join(map(str, odd))
    assert await digest(payments.engine, "bank_files") == before
    await payments.receive(declared("iso-8859-15", good).replace(b">B-1<", b">Miete M\xe4rz<"), "good.xml")
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"


async def test_includes_and_stylesheets_are_not_followed(payments: Payments, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    good = await payments.statement(await sent(payments))
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{(tmp_path / "secret").as_uri()}" parse="text"/>'
    style = f'<?xml-stylesheet href="{(tmp_path / "secret").as_uri()}"?>'
    await payments.receive(style.encode() + good.replace(b">B-1<", f">{include}<".encode()))
    [line] = await payments.rows(BankLineRow)
    assert (line.outcome, line.bank_reference) == ("applied", None)


@pytest.mark.parametrize(("data", "read"), [(STATEMENT, read_statement), (REPORT, read_status_report)], ids=["camt.053", "pain.002"])
def test_truncated_file_is_refused(data: bytes, read: Callable[..., Any]) -> None:
    read(data, max_bytes=10_000)
    for end in range(len(data)):
        with pytest.raises(Refused):
            read(data[:end], max_bytes=10_000)


PIECES = [
    b"",
    b"<",
    b">",
    b"/>",
    b"</Ntry>",
    b"<Ntry/>",
    b"&",
    b"\0",
    b"\xff",
    b"-",
    b"9" * 30,
    b"x" * 600,
    b"0001-01-01",
    "é\u202e".encode(),
    b"<!-- -->",
    b"<![CDATA[x]]>",
]


@given(st.data(), st.sampled_from([(STATEMENT, read_statement), (REPORT, read_status_report)]))
@settings(max_examples=400, derandomize=True, database=None)
def test_mutated_file_is_read_or_refused(drawn: st.DataObject, kind: tuple[bytes, Any]) -> None:
    data, read = kind
    for _ in range(drawn.draw(st.integers(1, 3))):
        start = drawn.draw(st.integers(0, len(data)))
        data = data[:start] + drawn.draw(st.sampled_from(PIECES) | st.binary(max_size=4)) + data[start + drawn.draw(st.integers(0, 12)) :]
    try:
        content = read(data, max_bytes=10_000)
    except Refused:
        return
    if read is read_statement:
        lines_of_statement(content)


async def test_last_day_and_largest_amount_are_stored(payments: Payments) -> None:
    good = await payments.statement(await sent(payments))
    largest = good.replace(b">100.00<", b">92233720368547758.07<").replace(b"2026-03-04", b"9999-12-31")
    await payments.receive(largest.replace(b">B-1<", b">" + b"x" * 500 + b"<"), "largest.xml")
    await payments.receive(largest.replace(b"9999-12-31", b"0001-01-01"), "earliest.xml")
    assert [row.state for row in await payments.rows(BankFileRow)] == ["taken", "taken"]
    assert {line.reason for line in await payments.rows(BankLineRow)} == {"wrong-amount"}


async def test_long_bank_reason_fits_into_an_event(payments: Payments) -> None:
    disbursement = await sent(payments)
    await payments.receive(await payments.report(disbursement, "RJCT", "x" * 500))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "rejected"
    [event] = [row for row in await payments.rows(OutboxRow) if row.type == DisbursementRejected.type]
    assert len(str(event.body)) < 2_000


async def test_link_pipe_or_folder_is_refused_and_not_followed(payments: Payments, tmp_path: Path) -> None:
    payments.incoming.bank_keys = None  # as for banks without signatures
    disbursement = await sent(payments)
    outside, folder = tmp_path / "outside.xml", payments.incoming.folder
    outside.write_bytes(await payments.statement(disbursement))
    before = await digest(payments.engine, "bank_files")

    def fill_folder() -> None:
        folder.mkdir(exist_ok=True)
        os.mkfifo(folder / "pipe.xml")
        (folder / "link.xml").symlink_to(outside)
        (folder / "nowhere.xml").symlink_to(tmp_path / "nothing")
        (folder / "loop.xml").symlink_to(folder / "loop.xml")
        (folder / "endless.xml").symlink_to("/dev/zero")
        (folder / "folder.xml").mkdir()
        (folder / "folder.xml" / "inner.xml").write_bytes(outside.read_bytes())
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket.xml"))

    for _ in range(2):  # a second time under the same names: files in refused/ are not in the way
        fill_folder()
        await payments.incoming.take_all()
        assert await payments.incoming.take_all() == 7
        assert sorted(path.name for path in folder.iterdir()) == ["refused"]
    assert {row.reason for row in await payments.rows(BankFileRow)} == {"not-a-file"}
    assert len(list((folder / "refused").iterdir())) == 14
    assert await digest(payments.engine, "bank_files") == before
    assert outside.exists()


UNUSABLE = {
    "201 bytes": "x" * 197 + ".xml",
    "201 bytes, 101 letters": "\u017e" * 97 + "xxx.xml",
    "all bytes that a signature leaves": "x" * 247 + ".xml",
    "a control sequence": "\x1b[2Jpaid.xml",
    "a second line": "one\ntwo.xml",
    "text turned round": "lmx.\u202egpj.xml",
    "no UTF-8": os.fsdecode(b"\xff.xml"),
}


@pytest.mark.parametrize("name", UNUSABLE.values(), ids=UNUSABLE)
async def test_unusable_name_is_refused_and_its_bytes_not_lost(payments: Payments, name: str) -> None:
    """The bank's own bytes, signed: they are taken when they come under another name."""
    disbursement = await sent(payments)
    data = await payments.statement(disbursement)
    await payments.receive(data, name)
    [file] = await payments.rows(BankFileRow)
    assert (file.state, file.reason, file.name.isprintable()) == ("refused", "unusable-name", True)
    assert kept_as(payments, "refused", data).exists()
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"
    await payments.receive(data, longest := "x" * 196 + ".xml")
    [file] = await payments.rows(BankFileRow)
    assert (file.state, file.reason, file.name) == ("taken", None, longest)
    assert kept_as(payments, "taken", data).exists()
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"


@pytest.mark.parametrize("name", ["answer.xml", "x" * 251 + ".xml", "\x1b[2J.xml"], ids=["ordinary", "longest of all", "unprintable"])
@pytest.mark.parametrize("state", ["taken", "refused"])
async def test_name_that_comes_again_is_moved_each_time(payments: Payments, name: str, state: str) -> None:
    """With the same and with other bytes: the folder is empty afterwards, nothing is lost, and other bytes are reported."""
    payments.incoming.bank_keys = None  # a name may leave no room for that of a signature
    good = [await payments.statement(await sent(payments)), await payments.statement(await sent(payments))]
    contents = good if state == "taken" else [b"<one/>", b"<two/>"]
    folder = payments.incoming.folder
    folder.mkdir(exist_ok=True)
    with capture_logs() as logs:
        for data in (contents[0], contents[0], contents[1]):
            (folder / name).write_bytes(data)
            assert [await payments.incoming.take_all() for _ in range(2)] == [0, 1]
    there = "refused" if name != "answer.xml" else state
    assert sorted(path.name for path in folder.iterdir()) == [there]
    kept = [path.read_bytes() for path in (folder / there).iterdir()]
    assert sorted(kept) == sorted([contents[0], contents[0], contents[1]])
    assert [one["event"] for one in logs if "same name" in one["event"]] == ["bank file: another one had the same name"]
    assert len(await payments.rows(BankFileRow)) == 2


async def test_file_at_the_place_of_another_stays_beside_it(payments: Payments) -> None:
    """Somebody has put other things under the names that our files will have."""
    data = b"<refused/>"
    place = kept_as(payments, "refused", data)
    place.mkdir(parents=True)
    place.with_name(f"{place.stem}-1.xml").write_text("theirs")
    await payments.receive(data)
    assert place.with_name(f"{place.stem}-2.xml").read_bytes() == data
    assert place.with_name(f"{place.stem}-2.xml.sig").exists()
    assert place.with_name(f"{place.stem}-1.xml").read_text() == "theirs"


async def test_signature_and_file_meet_again_after_a_crash(payments: Payments) -> None:
    """The process ended between the two moves."""
    data = await payments.statement(await sent(payments))
    await payments.receive(data)
    place = kept_as(payments, "taken", data)
    place.rename(payments.incoming.folder / "answer.xml")
    assert sum([await payments.incoming.take_all() for _ in range(2)]) == 1
    assert sorted(path.name for path in place.parent.iterdir()) == [place.name, f"{place.name}.sig"]


async def test_file_is_not_moved_through_a_link(payments: Payments, tmp_path: Path) -> None:
    """With `refused` a link to the outgoing folder, a refused file of the attacker's would lie among ours."""
    folder, outside = payments.incoming.folder, tmp_path / "outside"
    folder.mkdir(exist_ok=True)
    outside.mkdir()
    (folder / "refused").symlink_to(outside)
    (folder / "forged.xml").write_bytes(b"<forged/>")
    for _ in range(3):
        await payments.incoming.take_all()
    assert list(outside.iterdir()) == []
    assert [row.state for row in await payments.rows(BankFileRow)] == ["refused"]
    (folder / "refused").unlink()
    assert await payments.incoming.take_all() == 1
    assert kept_as(payments, "refused", b"<forged/>").exists()


@pytest.mark.timeout(60)
async def test_payment_file_is_not_written_through_a_link(payments: Payments, tmp_path: Path) -> None:
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    [batch] = (await payments.seal()).batches
    folder, outside = payments.outgoing.folder, tmp_path / "outside"
    name = f"pain001-{batch.id.hex}.xml"
    folder.mkdir(exist_ok=True)
    (folder / f".{name}.part").symlink_to(outside)
    (folder / f"{name}.sig").symlink_to(outside)
    os.mkfifo(folder / name)
    assert await payments.outgoing.send_all() == 1
    assert not outside.exists()
    assert (folder / name).read_bytes().startswith(b"<?xml")


async def test_file_name_that_is_no_text_stops_no_other_file(payments: Payments) -> None:
    payments.incoming.bank_keys = None  # as for banks without signatures
    disbursement = await sent(payments)
    payments.incoming.folder.mkdir(exist_ok=True)
    for name in (b"\xff\xfe.xml", b"a\nb\x1b[2J.xml", b"'; DROP TABLE x; --.xml", b"..xml", b"-rf.xml", b"x" * 251 + b".xml"):
        (payments.incoming.folder / os.fsdecode(name)).write_bytes(b"<" + name)
    await payments.receive(await payments.statement(disbursement), "good.xml")
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert len(await payments.rows(BankFileRow)) == 6, "a name that begins with a dot is an unfinished file"


async def test_file_replaced_during_import_is_imported_too(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    payments.incoming.bank_keys = None  # as for banks without signatures
    disbursement = await sent(payments)
    payments.incoming.folder.mkdir(exist_ok=True)
    path = payments.incoming.folder / "answer.xml"
    path.write_bytes(b"the first")
    take = payments.incoming.sessions.begin

    def meanwhile() -> Any:
        path.unlink()
        path.write_bytes(good)
        return take()

    good = await payments.statement(disbursement)
    monkeypatch.setattr(payments.incoming, "sessions", type("Sessions", (), {"begin": staticmethod(meanwhile)}))
    await payments.incoming.take(path)
    monkeypatch.undo()
    await payments.incoming.take(path)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert not path.exists()


async def test_file_of_too_many_lines_is_refused_whole(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reader, "MAX_LINES", 2)
    disbursement = await sent(payments)
    right = await payments.transaction(disbursement)
    await payments.receive(camt053([right, {**right, "e2e": "RENT"}], payments.policy))
    assert [row.reason for row in await payments.rows(BankFileRow)] == ["too-many-lines"]
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"
