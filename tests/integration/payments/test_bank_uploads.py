"""A file of the bank from a page: previewed line by line, confirmed by a second person, imported like one from the folder."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from services.payments.commands.confirm_bank_upload import confirm_bank_upload
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.commands.preview_bank_file import preview_bank_file, preview_bank_upload
from services.payments.commands.record_bank_file_removed import record_bank_file_removed
from services.payments.commands.reject_bank_upload import reject_bank_upload
from services.payments.commands.upload_bank_file import NewUpload, upload_bank_file
from services.payments.domain.bank_uploads import MOST_LINES
from services.payments.queries.bank_files import BANK_FILES, FileFilter, Source, list_bank_files
from services.payments.queries.bank_uploads import UPLOADS, UploadFilter, list_bank_uploads
from services.payments.queries.desk import get_desk
from services.payments.steps.bank_files import DeliveredFile
from services.payments.tables import BankFileRow, BankLineRow, BankUploadRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import DisbursementPaid
from shared.identity.actor import Actor, Role
from tests.support.digest import digest
from tests.support.payments import Payments, camt053, code_of, person, policy_of
from tests.support.payments import Voucher as IssuedVoucher

_EMPTY = b'<Amt Ccy="EUR">0.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
REFUSED: list[tuple[str, Callable[[bytes], bytes], str, str | None]] = [
    ("cut off", lambda good: good[: len(good) // 2], "not-xml", "line 1"),
    ("a bomb", lambda good: b"<!DOCTYPE Document [<!ENTITY a 'b'>]>" + good, "document-type", "DOCTYPE"),
    ("disguised", lambda good: b"%PDF-1.7 " + good, "not-xml", "line 1"),
    ("our own order", lambda good: good.replace(b"camt.053.001.08", b"pain.001.001.09"), "unknown-message", "Document"),
    ("an amount that is none", lambda good: good.replace(b">100.00<", b">1e9<", 1), "bad-amount", "BkToCstmrStmt/Stmt/Ntry/Amt"),
    ("somebody else's account", lambda good: re.sub(rb"<(InstrId|EndToEndId|PmtInfId)>[^<]*", rb"<\1>X", good.replace(b"HR", b"FR")),
     "nothing-of-ours", None),
    ("too many lines", lambda good: good.replace(b"<Ntry>", b"<Ntry>" + b"</Ntry><Ntry>".join([_EMPTY] * MOST_LINES) + b"</Ntry><Ntry>"),
     "upload-too-long", None),
]  # fmt: skip


async def issued(payments: Payments) -> IssuedVoucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


def new(data: bytes, name: str = "statement.xml") -> NewUpload:
    return NewUpload(name, hashlib.sha256(data).hexdigest(), data)


async def confirm(payments: Payments, actor: Actor, upload: BankUploadRow) -> BankUploadRow:
    """What the person reads, and then does."""
    shown = await payments.run(preview_bank_upload, actor, upload.id)
    return await payments.run(confirm_bank_upload, actor, upload.id, shown.fingerprint)


async def test_statement_is_previewed_and_settles_after_two_persons(payments: Payments) -> None:
    """A debit of ours, one of another amount, a stranger's, and one on a stranger's account; the preview changes nothing."""
    voucher = await issued(payments)
    ours, differs = await payments.sent(voucher, 10_000), await payments.sent(voucher, 20_000)
    strange: dict[str, Any] = {"e2e": "RENT", "amount_minor": 5_000, "returned": False}
    lines = [await payments.transaction(ours), await payments.transaction(differs, amount_minor=19_999), strange]
    foreign = camt053([strange], payments.policy, "FR7630006000011234567890189").split(b"</GrpHdr>")[1].split(b"</BkToCstmrStmt>")[0]
    data = camt053(lines, payments.policy).replace(b"</BkToCstmrStmt>", foreign + b"</BkToCstmrStmt>")
    before = await digest(payments.engine, "bank_uploads", "subject_keys")
    upload = await payments.run(upload_bank_file, payments.finance(2), new(data))
    assert (upload.state, upload.region, upload.lines) == ("proposed", payments.region, 4)
    shown = await payments.run(preview_bank_upload, payments.finance(3), upload.id)
    assert [(one.outcome, one.state_before, one.state_after, one.foreign) for one in shown.lines] == [
        ("applied", "sent", "paid", False), ("unmatched", None, None, False), ("unmatched", None, None, False),
        ("ignored", None, None, True),
    ]  # fmt: skip
    assert shown.lines[0].disbursement_id == ours.id
    assert await digest(payments.engine, "bank_uploads", "subject_keys") == before
    assert (await payments.run(get_desk, payments.finance(3), payments.region)).uploads.count == 1

    again = payments.run(upload_bank_file, payments.finance(3), new(data, "other.xml"))
    assert await code_of(again) == "upload-waits"
    confirming = [
        (payments.finance(2), shown.fingerprint, "proposed-yourself"),
        (payments.finance(1), shown.fingerprint, "incompatible-step"),  # prepared the payment
        (payments.finance(3), "0" * 64, "preview-changed"),
        (person("finance-3", Role.FINANCE, "gr-central-macedonia"), shown.fingerprint, "foreign-region"),
        (payments.officer, shown.fingerprint, "wrong-role"),
    ]
    for actor, fingerprint, code in confirming:
        assert await code_of(payments.run(confirm_bank_upload, actor, upload.id, fingerprint)) == code
    assert await digest(payments.engine, "bank_uploads", "subject_keys") == before
    assert (await confirm(payments, payments.finance(3), upload)).decided_by == "finance-3"
    assert (await payments.row(DisbursementRow, ours.id)).state == "paid"
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 10_000
    assert await payments.published(DisbursementPaid) == ["DisbursementPaid"]
    stored = sorted(await payments.rows(BankLineRow), key=lambda one: one.line)
    assert [(one.outcome, one.reason) for one in stored] == [(one.outcome, one.reason) for one in shown.lines]
    listed = await payments.run(list_bank_files, payments.finance(1), await BANK_FILES(limit=10), FileFilter(source=Source.UPLOAD))
    assert [(one.sha256, one.upload_id, one.applied, one.unmatched) for one in listed.items] == [(upload.sha256, upload.id, 1, 2)]
    assert await code_of(payments.run(upload_bank_file, payments.finance(3), new(data))) == "bank-file-known"
    next_claim = await payments.accepted(voucher, 1_000)
    assert await code_of(payments.run(prepare_disbursement, payments.finance(3), next_claim.id)) == "incompatible-step"
    await payments.run(record_bank_file_removed, payments.finance(1), upload.sha256)
    assert (await payments.row(BankUploadRow, upload.id)).content is None


async def test_file_that_comes_twice_is_done_once(payments: Payments) -> None:
    """By the folder while an upload waits; a status that changes meanwhile changes the preview."""
    voucher = await issued(payments)
    first, second = await payments.sent(voucher, 10_000), await payments.sent(voucher, 20_000)
    data = await payments.statement(first)
    upload = await payments.run(upload_bank_file, payments.finance(2), new(data))
    report = await payments.run(upload_bank_file, payments.finance(2), new(await payments.report(second, "ACSC")))
    seen = await payments.run(preview_bank_upload, payments.finance(3), report.id)
    assert [(one.state_before, one.state_after) for one in seen.lines] == [("sent", "accepted")]
    await payments.receive(data)
    await payments.receive(await payments.statement(second), "second.xml")
    assert await code_of(payments.run(preview_bank_upload, payments.finance(3), upload.id)) == "bank-file-known"
    assert await code_of(payments.run(confirm_bank_upload, payments.finance(3), upload.id, "0" * 64)) == "bank-file-known"
    assert await code_of(payments.run(confirm_bank_upload, payments.finance(3), report.id, seen.fingerprint)) == "preview-changed"
    rejected = await payments.run(reject_bank_upload, payments.finance(2), upload.id)
    assert (rejected.state, rejected.content) == ("rejected", None)
    assert await code_of(payments.run(reject_bank_upload, payments.finance(3), upload.id)) == "decided-already"
    assert await payments.published(DisbursementPaid) == ["DisbursementPaid"] * 2


async def test_unreadable_upload_is_kept_without_its_content(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    good = await payments.statement(disbursement)
    before = await digest(payments.engine, "bank_uploads")
    for name, spoil, reason, place in REFUSED:
        upload = await payments.run(upload_bank_file, payments.finance(2), new(spoil(good), f"{name}.xml"))
        assert (name, upload.state, upload.reason, upload.place, upload.content) == (name, "refused", reason, place, None)
        assert await code_of(payments.run(confirm_bank_upload, payments.finance(3), upload.id, "0" * 64)) == "decided-already"
    assert await digest(payments.engine, "bank_uploads") == before
    kept = await payments.run(list_bank_uploads, payments.finance(3), await UPLOADS(limit=10), UploadFilter())
    assert {one.reason for one in kept.items} == {reason for _, _, reason, _ in REFUSED}
    elsewhere = camt053([], policy_of("gr-central-macedonia"))
    assert await code_of(payments.run(upload_bank_file, payments.finance(2), new(elsewhere))) == "foreign-region"
    assert await code_of(payments.run(upload_bank_file, payments.officer, new(good))) == "wrong-role"
    assert await code_of(payments.run(preview_bank_file, payments.finance(2), DeliveredFile("a.xml", "0" * 64, good[:-1]))) == "not-xml"


async def test_who_ordered_a_recovery_settles_it_by_no_upload(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.paid(voucher, 10_000)
    recovery = await payments.run(order_recovery, payments.finance(4), voucher.id, 6_000, "double-funding")
    data = camt053([{"quoted": recovery.reference, "amount_minor": 6_000, "bank": "C-1"}], payments.policy)
    upload = await payments.run(upload_bank_file, payments.finance(2), new(data))
    with pytest.raises(Exception, match="step"):
        await confirm(payments, payments.finance(4), upload)
    await confirm(payments, payments.finance(3), upload)
    assert (await payments.row(RecoveryRow, recovery.id)).state == "settled"


async def test_folder_says_where_a_file_is_at_fault(payments: Payments) -> None:
    """And a refused file is tried again; its name may be in capitals."""
    good = await payments.statement(await payments.sent(await issued(payments), 10_000))
    payments.incoming.max_bytes = 10
    await payments.receive(good)
    assert [(one.state, one.reason) for one in await payments.rows(BankFileRow)] == [("refused", "file-too-large")]
    payments.incoming.max_bytes = 100_000
    await payments.receive(good, "CAMT053.XML")
    assert [(one.state, one.reason) for one in await payments.rows(BankFileRow)] == [("taken", None)]
    await payments.receive(good.replace(b">100.00<", b">1e9<", 1))
    [file] = [one for one in await payments.rows(BankFileRow) if one.state == "refused"]
    assert (file.state, file.reason, file.place) == ("refused", "bad-amount", "BkToCstmrStmt/Stmt/Ntry/Amt")
