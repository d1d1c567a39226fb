"""The database goes back in time; the bank does not. What it was given in the lost time is never given to it again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.servers import PostgreSQL
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.find_orders import find_orders
from services.payments.commands.hold_payments import hold_payments
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.release_hold import release_hold
from services.payments.commands.seal_batches import Sealed
from services.payments.tables import BankLineRow, BatchRow, DisbursementRow, EnvelopeRow, OrphanOrderRow, VoucherRow
from shared.contracts.payments import BatchSealed, DisbursementPaid, VoucherSettled
from shared.contracts.vouchers import VoucherAccepted, VoucherWithdrawn
from shared.kernel.errors import Conflict, Refused
from tests.support.payments import Payments, in_session

MAX_BYTES = 1_000_000


@asynccontextmanager
async def lost_time(payments: Payments, postgres: PostgreSQL) -> AsyncIterator[None]:
    """What the block does is forgotten by the database, and by it alone: folders and clock keep it."""
    name = payments.engine.url.database
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await _alone(payments.engine)
    await admin.execute(f'CREATE DATABASE "{name}_kept" OWNER payments TEMPLATE "{name}"')
    try:
        yield
        await _alone(payments.engine)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.execute(f'CREATE DATABASE "{name}" OWNER payments TEMPLATE "{name}_kept"')
    finally:
        await admin.execute(f'DROP DATABASE "{name}_kept" WITH (FORCE)')
        await admin.close()
    await in_session(payments, lambda context: hold_payments(context, "restored"))


async def _alone(engine: AsyncEngine) -> None:
    """A database is copied only while nobody is connected to it."""
    await engine.dispose()


async def found(payments: Payments) -> int:
    """Every file of the outgoing folder is compared."""
    files = [path.read_bytes() for path in sorted((payments.folder / "outgoing").glob("*.xml"))]
    return sum([await in_session(payments, lambda context, data=data: find_orders(context, data, MAX_BYTES)) for data in files])


async def released(payments: Payments) -> None:
    await in_session(payments, lambda context: release_hold(context, "outgoing folder complete"))


async def paid_in_all(payments: Payments, voucher_id: object) -> int:
    return (await payments.row(VoucherRow, voucher_id)).paid_minor


async def test_while_held_nothing_is_sealed_or_sent(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.approved(voucher, 10_000)
    await payments.seal()  # a batch that the file of which has not been written
    await payments.approved(voucher, 20_000)
    async with lost_time(payments, postgres):
        pass
    with pytest.raises(Conflict, match="held"):
        await payments.seal()
    assert await payments.outgoing.send_all() == 0
    await released(payments)
    assert await payments.outgoing.send_all() == 1
    assert len((await payments.seal()).batches) == 1


async def test_what_was_sealed_in_the_lost_time_is_unknown_and_never_sealed_again(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 100_000)
    async with lost_time(payments, postgres):
        await payments.seal()
        await payments.outgoing.send_all()
        statement = await payments.statement(disbursement)
    assert await found(payments) == 1
    assert await found(payments) == 0  # compared again, nothing is new
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "unknown"
    await released(payments)
    assert await payments.seal() == Sealed()
    assert await payments.outgoing.send_all() == 1  # noted as sent; the file is the one that lies there
    assert len(list((payments.folder / "outgoing").glob("*.xml"))) == 1
    await payments.bank_says(statement)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert await payments.told(BatchSealed, DisbursementPaid, VoucherSettled) == ["BatchSealed", "DisbursementPaid", "VoucherSettled"]


async def test_one_that_is_only_prepared_here_is_not_given_up_and_becomes_unknown_when_approved(
    payments: Payments, postgres: PostgreSQL
) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.accepted(voucher, 10_000)
    disbursement = await payments.do(prepare_disbursement, payments.finance(1), claim.id)
    async with lost_time(payments, postgres):
        await payments.approve(disbursement)
        await payments.seal()
        await payments.outgoing.send_all()
    await found(payments)
    with pytest.raises(Conflict, match="before the restore"):
        await payments.do(cancel_disbursement, payments.finance(1), disbursement.id, "mistake")
    await payments.hear(VoucherWithdrawn(**voucher.about()))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "prepared"
    assert (await payments.approve(disbursement)).state == "unknown"


@pytest.mark.parametrize("code", ["KOP-7F3K-92QM-5", "KOP-7F3K-92QM-="])
async def test_a_claim_of_the_lost_time_handed_in_again_gets_the_payment_that_was_made_for_it(
    payments: Payments, postgres: PostgreSQL, code: str
) -> None:
    """Whatever the voucher's check character: bank files do not know all of them."""
    call_id = await payments.open_call(1_000_000)
    voucher = payments.voucher(call_id, 100_000)
    issued = payments.issue(voucher).model_copy(update={"code": code})
    await payments.hear(payments.reservation(voucher), VoucherAccepted(**voucher.about()), issued)
    async with lost_time(payments, postgres):
        lost = await payments.sent(voucher, 40_000)
        said = [await payments.statement(lost, returned=True), await payments.statement(lost)]  # the return is read first
        said.append(await payments.report(lost, "ACCP"))
    assert await found(payments) == 1
    for number, data in enumerate(said):
        await payments.bank_says(data, f"{number}.xml")  # of a payment that nobody here knows: kept
    assert {row.outcome for row in await payments.rows(BankLineRow)} == {"unmatched"}
    await released(payments)

    other = await payments.approved(voucher, 30_000)
    assert (await payments.seal()).skipped == [(other.id, "order-found")]
    await payments.end_claims(voucher)
    assert (await payments.row(VoucherRow, voucher.id)).state == "issued"  # money may be out: it is not settled

    again = await payments.approved(voucher, 40_000)
    assert again.id == lost.id
    assert again.state == "returned"
    assert await paid_in_all(payments, voucher.id) == 0
    assert {row.outcome for row in await payments.rows(BankLineRow)} <= {"applied", "repeated"}
    assert [batch.disbursements for batch in (await payments.seal()).batches] == [1]  # the other one
    assert {bool(row.matched_at) for row in await payments.rows(OrphanOrderRow)} == {True}
    assert (await payments.row(EnvelopeRow, call_id)).committed_minor == 100_000


async def test_a_second_attempt_of_the_lost_time_is_found_when_it_is_prepared_again(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.sent(voucher, 10_000)
    rejected = await payments.report(disbursement, "RJCT", "AC04")

    async def next_attempt() -> DisbursementRow:
        await payments.bank_says(rejected)
        return await payments.approve(await payments.do(prepare_next_attempt, payments.finance(1), disbursement.id, None))

    async with lost_time(payments, postgres):
        await next_attempt()
        await payments.seal()
        await payments.outgoing.send_all()
    assert await found(payments) == 1
    await released(payments)
    assert (await next_attempt()).state == "unknown"
    assert await payments.seal() == Sealed()


async def test_payments_stay_held_while_the_bank_speaks_of_a_file_that_is_not_there(payments: Payments, postgres: PostgreSQL) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    async with lost_time(payments, postgres):
        batch = (await payments.seal()).batches[0]
        await payments.outgoing.send_all()
        statement = await payments.statement(disbursement)
    file = next((payments.folder / "outgoing").glob("*.xml"))
    data = file.read_bytes()
    file.unlink()
    await payments.bank_says(statement)
    with pytest.raises(Conflict, match=batch.id.hex):
        await released(payments)
    file.write_bytes(data)
    assert await found(payments) == 1
    await released(payments)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"


async def test_a_batch_that_the_bank_has_answered_on_is_not_sent_again_though_its_file_is_gone(
    payments: Payments, postgres: PostgreSQL
) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    await payments.seal()
    async with lost_time(payments, postgres):
        await payments.outgoing.send_all()
    next((payments.folder / "outgoing").glob("*.xml")).unlink()
    await payments.bank_says(await payments.report(disbursement, "ACCP"))
    await released(payments)
    assert await payments.outgoing.send_all() == 0
    assert [row.state for row in await payments.rows(BatchRow)] == ["sent"]


@pytest.mark.parametrize("broken", [b"<Document/>", b"not xml", b""])
async def test_a_file_that_is_not_ours_is_no_evidence(payments: Payments, broken: bytes) -> None:
    with pytest.raises(Refused):
        await in_session(payments, lambda context: find_orders(context, broken, MAX_BYTES))
