"""A restore takes the database back in time, not the bank: no order of the recovery gap is given to the bank a second time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.databases import create_database
from deploy.embedded.servers import PostgreSQL
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.hold_payments import hold_payments
from services.payments.commands.import_payment_file import import_payment_file
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.release_batch import release_batch
from services.payments.commands.release_hold import BOOKED_WITHIN_DAYS, release_hold
from services.payments.commands.seal_batches import Sealed, seal_batches
from services.payments.tables import BankLineRow, BatchRow, DisbursementRow, EnvelopeRow, OrphanOrderRow, VoucherRow
from shared.contracts.payments import BatchSealed, DisbursementPaid, VoucherSettled
from shared.contracts.vouchers import VoucherAccepted, VoucherWithdrawn
from shared.identity.actor import OPERATOR
from shared.kernel.errors import Conflict, Refused
from tests.support.payments import Payments

MAX_BYTES = 1_000_000


@asynccontextmanager
async def recovery_gap(payments: Payments, postgres: PostgreSQL) -> AsyncIterator[None]:
    """Restores the database to its state before the block; folders and clock keep what the block did."""
    name = payments.engine.url.database
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await _alone(payments.engine)
    await admin.execute(f'CREATE DATABASE "{name}_kept" OWNER payments_owner TEMPLATE "{name}"')
    try:
        yield
        await _alone(payments.engine)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await create_database(admin, name, "payments", template=f"{name}_kept")
    finally:
        await admin.execute(f'DROP DATABASE "{name}_kept" WITH (FORCE)')
        await admin.close()
    await payments.run(hold_payments, OPERATOR, "restored")


async def _alone(engine: AsyncEngine) -> None:
    """A database can be copied only while no session is connected to it."""
    await engine.dispose()


async def import_outgoing(payments: Payments) -> int:
    """Imports every file of the outgoing folder; returns the number of orders that were unknown."""
    files = [path.read_bytes() for path in sorted((payments.folder / "outgoing").glob("*.xml"))]
    return sum([await payments.run(import_payment_file, OPERATOR, data, MAX_BYTES) for data in files])


async def release(payments: Payments) -> None:
    await payments.run(release_hold, OPERATOR, "outgoing folder complete")


async def paid_in_all(payments: Payments, voucher_id: object) -> int:
    return (await payments.row(VoucherRow, voucher_id)).paid_minor


async def test_hold_stops_sealing_and_sending(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.approved(voucher, 10_000)
    await payments.seal()  # a batch whose file has not been written
    await payments.approved(voucher, 20_000)
    async with recovery_gap(payments, postgres):
        pass
    with pytest.raises(Conflict, match="held"):
        await payments.seal()
    assert await payments.outgoing.send_all() == 0
    await release(payments)
    assert await payments.outgoing.send_all() == 1
    assert len((await payments.seal()).batches) == 1


async def test_file_released_in_the_gap_is_recorded_as_sent(payments: Payments, postgres: PostgreSQL) -> None:
    """Sealed before the backup, released and given to the bank after it: its file shows that, and no second one is written."""
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    [batch] = (await payments.run(seal_batches, payments.finance(5), payments.region)).batches
    async with recovery_gap(payments, postgres):
        await payments.run(release_batch, payments.finance(6), batch.id)
        assert await payments.outgoing.send_all() == 1
    assert await payments.outgoing.send_all() == 0
    assert await import_outgoing(payments) == 0
    assert await payments.outgoing.send_all() == 1
    restored = await payments.row(BatchRow, batch.id)
    assert (restored.state, restored.released_by) == ("sent", None)
    assert len(list((payments.folder / "outgoing").glob("*.xml"))) == 1


@pytest.mark.parametrize("days", [BOOKED_WITHIN_DAYS - 1, BOOKED_WITHIN_DAYS + 1], ids=["before the orders are booked", "in the future"])
async def test_release_on_statements_of_another_day_is_refused(payments: Payments, days: int) -> None:
    hold = await payments.run(hold_payments, OPERATOR, "restored")
    payments.clock.instant = hold.since + timedelta(days=BOOKED_WITHIN_DAYS)
    until = (hold.since + timedelta(days=days)).date()
    with pytest.raises(Refused) as caught:
        await payments.run(release_hold, OPERATOR, "statements imported", until)
    assert caught.value.code == "statements-too-early"
    lifted = await payments.run(release_hold, OPERATOR, "statements imported", payments.clock.instant.date())
    assert lifted is not None
    assert lifted.lifted_at == payments.clock.instant


async def test_order_of_the_recovery_gap_is_unknown_and_not_resealed(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 100_000)
    async with recovery_gap(payments, postgres):
        await payments.seal()
        await payments.outgoing.send_all()
        statement = await payments.statement(disbursement)
    assert await import_outgoing(payments) == 1
    assert await import_outgoing(payments) == 0  # imported again, nothing is new
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "unknown"
    await release(payments)
    assert await payments.seal() == Sealed()
    assert await payments.outgoing.send_all() == 1  # recorded as sent; the file is the one in the folder
    assert len(list((payments.folder / "outgoing").glob("*.xml"))) == 1
    await payments.receive(statement)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert await payments.published(BatchSealed, DisbursementPaid, VoucherSettled) == ["BatchSealed", "DisbursementPaid", "VoucherSettled"]


async def test_ordered_attempt_cannot_be_cancelled_and_gets_unknown(payments: Payments, postgres: PostgreSQL) -> None:
    """The attempt is only prepared in the restored database. It becomes unknown when it is approved."""
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.accepted(voucher, 10_000)
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    async with recovery_gap(payments, postgres):
        await payments.approve(disbursement)
        await payments.seal()
        await payments.outgoing.send_all()
    await import_outgoing(payments)
    with pytest.raises(Conflict, match="before the restore"):
        await payments.run(cancel_disbursement, payments.finance(1), disbursement.id, "mistake")
    await payments.deliver(VoucherWithdrawn(**voucher.about()))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "prepared"
    assert (await payments.approve(disbursement)).state == "unknown"


@pytest.mark.parametrize("code", ["KOP-7F3K-92QM-5", "KOP-7F3K-92QM-="])
async def test_claim_lodged_again_gets_the_payment_made_for_it(payments: Payments, postgres: PostgreSQL, code: str) -> None:
    """The claim was lost. Bank files do not know all check characters of a voucher's code."""
    call_id = await payments.open_call(1_000_000)
    voucher = payments.voucher(call_id, 100_000)
    issued = payments.issue(voucher).model_copy(update={"code": code})
    await payments.deliver(payments.reservation(voucher), VoucherAccepted(**voucher.about()), issued)
    async with recovery_gap(payments, postgres):
        lost = await payments.sent(voucher, 40_000)
        said = [await payments.statement(lost, returned=True), await payments.statement(lost)]  # the return is read first
        said.append(await payments.report(lost, "ACCP"))
    assert await import_outgoing(payments) == 1
    for number, data in enumerate(said):
        await payments.receive(data, f"{number}.xml")  # of a payment that is not known here: kept
    assert {row.outcome for row in await payments.rows(BankLineRow)} == {"unmatched"}
    await release(payments)

    other = await payments.approved(voucher, 30_000)
    assert (await payments.seal()).skipped == [(other.id, "ordered-before-restore")]
    await payments.end_claim_window(voucher)
    assert (await payments.row(VoucherRow, voucher.id)).state == "issued"  # money may be paid: it is not settled

    again = await payments.approved(voucher, 40_000)
    assert again.id == lost.id
    assert again.state == "returned"
    assert await paid_in_all(payments, voucher.id) == 0
    assert {row.outcome for row in await payments.rows(BankLineRow)} <= {"applied", "repeated"}
    assert [batch.disbursements for batch in (await payments.seal()).batches] == [1]  # the other one
    assert {bool(row.matched_at) for row in await payments.rows(OrphanOrderRow)} == {True}
    assert (await payments.row(EnvelopeRow, call_id)).committed_minor == 100_000


async def test_second_attempt_of_the_gap_is_matched_when_prepared(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.sent(voucher, 10_000)
    rejected, day = await payments.report(disbursement, "RJCT", "AC04"), await payments.empty_statement(disbursement)

    async def next_attempt() -> DisbursementRow:
        await payments.receive(rejected)
        await payments.receive(day, "day.xml")
        return await payments.approve(await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None))

    async with recovery_gap(payments, postgres):
        await next_attempt()
        await payments.seal()
        await payments.outgoing.send_all()
    assert await import_outgoing(payments) == 1
    await release(payments)
    assert (await next_attempt()).state == "unknown"
    assert await payments.seal() == Sealed()


@pytest.mark.parametrize(("number", "more"), [("", {}), ("-1", {"instr": "NOTPROVIDED", "pmtinf": ""})], ids=["all", "EndToEndId"])
async def test_hold_stays_while_bank_reports_a_missing_file(
    payments: Payments, postgres: PostgreSQL, number: str, more: dict[str, str]
) -> None:
    """The attempt is approved here, and was ordered in the recovery gap."""
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    async with recovery_gap(payments, postgres):
        batch = (await payments.seal()).batches[0]
        await payments.outgoing.send_all()
        statement = await payments.statement(disbursement, e2e=f"{disbursement.id.hex}{number}", **more)
    file = next((payments.folder / "outgoing").glob("*.xml"))
    data = file.read_bytes()
    file.unlink()
    await payments.receive(statement)
    with pytest.raises(Conflict, match="no reference" if more else batch.id.hex):
        await release(payments)
    file.write_bytes(data)
    assert await import_outgoing(payments) == 1
    await release(payments)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"


async def test_answered_batch_without_its_file_is_not_sent_again(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    await payments.seal()
    async with recovery_gap(payments, postgres):
        await payments.outgoing.send_all()
    next((payments.folder / "outgoing").glob("*.xml")).unlink()
    await payments.receive(await payments.report(disbursement, "ACCP"))
    await release(payments)
    assert await payments.outgoing.send_all() == 0
    assert [row.state for row in await payments.rows(BatchRow)] == ["sent"]


@pytest.mark.parametrize("broken", [b"<Document/>", b"not xml", b""])
async def test_foreign_file_is_refused_as_payment_file(payments: Payments, broken: bytes) -> None:
    with pytest.raises(Refused):
        await payments.run(import_payment_file, OPERATOR, broken, MAX_BYTES)
