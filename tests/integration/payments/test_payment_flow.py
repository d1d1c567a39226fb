"""From the envelope to the settled voucher: each step on the real database, files in real folders."""

from services.payments.jobs.outgoing import file_name
from services.payments.queries.envelopes import ledger_balances
from services.payments.tables import BatchRow, EnvelopeRow, VoucherRow
from tests.support.payments import Payments, in_session, ordered_in


async def test_envelope_pays_the_payee_and_gets_the_rest_back(payments: Payments) -> None:
    call_id = await payments.open_call(1_000_000)
    voucher = await payments.issued(call_id, 500_000)

    disbursement = await payments.sent(voucher, 300_000)
    assert disbursement.state == "sent"
    [batch] = await payments.rows(BatchRow)
    written = (payments.folder / "outgoing" / file_name(batch.id)).read_bytes()
    assert written == batch.file
    assert ordered_in(written) == [f"{disbursement.id.hex}-1"]

    await payments.receive(await payments.report(disbursement, "ACSP"), "a.xml")
    await payments.receive(await payments.statement(disbursement), "b.xml")
    assert (await payments.attempt(disbursement)).state == "paid"

    await payments.end_claim_window(voucher)
    settled = await payments.row(VoucherRow, voucher.id)
    assert (settled.state, settled.paid_minor, settled.released_minor, settled.committed_minor) == ("settled", 300_000, 200_000, 0)
    envelope = await payments.row(EnvelopeRow, call_id)
    assert (envelope.paid_minor, envelope.available_minor) == (300_000, 700_000)
    balances = await in_session(payments, lambda context: ledger_balances(context, call_id))
    assert balances == {"funding": -1_000_000, "available": 700_000, "reserved": 0, "committed": 0, "paid": 300_000, "recovered": 0}
    assert await payments.published() == [
        "EnvelopeOpened", "FundsReserved", "FundsCommitted", "PayeeAccountRegistered", "ClaimLodged", "ClaimAccepted",
            "DisbursementPrepared", "DisbursementApproved",
        "BatchSealed", "BatchReleased", "BatchSent", "DisbursementAccepted", "DisbursementPaid", "FundsReleased", "VoucherSettled",
    ]  # fmt: skip
    await payments.assert_nothing_lost()
