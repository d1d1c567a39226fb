"""A bank that has MT940 alone: its statements come by the folder under any name, and by a page, and settle as a camt.053 does."""

import hashlib

from services.payments.commands.confirm_bank_upload import confirm_bank_upload
from services.payments.commands.preview_bank_file import preview_bank_upload
from services.payments.commands.upload_bank_file import NewUpload, upload_bank_file
from services.payments.tables import BankFileRow, BankLineRow, DisbursementRow, StatementRow
from tests.support.payments import Payments


def statement(payments: Payments, *entries: tuple[str, DisbursementRow], closing: str) -> bytes:
    """Of 4 March 2026, from 1,000.00. The reference goes over two subfields."""
    lines = "".join(
        f":61:2603040304{mark},00NTRFNONREF//B{number}\r\n"
        f":86:116?00UEBERWEISUNG?20EREF+{row.id.hex[:22]}?21{row.id.hex[22:]}?22SVWZ+Voucher?32OBRT\r\n"
        for number, (mark, row) in enumerate(entries)
    )
    return (
        f":20:STATEMENT\r\n:25:{payments.policy.bank.debtor_iban}EUR\r\n:28C:42/1\r\n:60F:C260303EUR1000,00\r\n{lines}"
        f":62F:C260304EUR{closing},00\r\n-\r\n"
    ).encode()


async def test_statement_settles_under_any_name(payments: Payments) -> None:
    """The debit, then its reversal by the same bank; an unfinished file and a signature are left alone."""
    disbursement = await payments.sent(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    paid, back = (
        statement(payments, ("D100", disbursement), closing="900"),
        statement(payments, ("D100", disbursement), ("RD100", disbursement), closing="1000"),
    )
    await payments.receive(paid, "STATEMENT.940")
    (payments.incoming.folder / "next.sta.part").write_bytes(paid[:100])
    await payments.receive(back, "00042")
    files = sorted((row.name, row.message, row.state, row.applied) for row in await payments.rows(BankFileRow))
    assert files == [("00042", "MT940", "taken", 1), ("STATEMENT.940", "MT940", "taken", 1)]
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "returned"
    assert {(row.outcome, row.reason) for row in await payments.rows(BankLineRow)} == {
        ("applied", "booked"),
        ("repeated", "booked"),
        ("applied", "returned"),
    }
    [account] = {row.account for row in await payments.rows(StatementRow)}
    assert account == payments.policy.bank.debtor_iban
    assert [path.name for path in payments.incoming.folder.iterdir() if path.is_file()] == ["next.sta.part"]


async def test_statement_of_a_page_is_confirmed_by_two_persons(payments: Payments) -> None:
    disbursement = await payments.sent(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    data = statement(payments, ("D100", disbursement), closing="900")
    upload = await payments.run(upload_bank_file, payments.finance(3), NewUpload("00042", hashlib.sha256(data).hexdigest(), data))
    shown = await payments.run(preview_bank_upload, payments.finance(4), upload.id)
    assert [(one.outcome, one.state_after) for one in shown.lines] == [("applied", "paid")]
    await payments.run(confirm_bank_upload, payments.finance(4), upload.id, shown.fingerprint)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
