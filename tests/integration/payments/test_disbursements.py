"""Approvals, and one payment for one claim."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from deploy.embedded.servers import PostgreSQL
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.seal_batches import seal_batches
from services.payments.tables import BatchRow, DisbursementRow, EnvelopeRow, PayeeAccountRow, VoucherRow
from shared.contracts.payments import DisbursementPrepared
from shared.contracts.vouchers import VoucherSuspended
from shared.kernel.errors import Conflict, Forbidden
from shared.messaging.context import Context
from tests.support.databases import run_as_owner
from tests.support.payments import BOOK, Payments, code_of, in_session, ordered_in


async def prepared(payments: Payments, amount_minor: int = 10_000) -> DisbursementRow:
    voucher = await payments.issued(await payments.open_call(10_000_000), 2_000_000)
    claim = await payments.accepted(voucher, amount_minor)
    return await payments.run(prepare_disbursement, payments.finance(1), claim.id)


def above_one_approval(payments: Payments) -> int:
    """The least amount that needs two approvals."""
    limit = payments.policy.approvals.second_approver_above_minor
    assert limit is not None
    return limit + 1


async def test_large_payment_needs_two_approvers_beside_the_preparer(payments: Payments) -> None:
    disbursement = await prepared(payments, above_one_approval(payments))
    assert await code_of(payments.approve_as(payments.finance(1), disbursement)) == "incompatible-step"
    after_one = await payments.approve_as(payments.finance(2), disbursement)
    assert after_one.state == "prepared"
    assert await code_of(payments.approve_as(payments.finance(2), disbursement)) == "approved-already"
    assert (await payments.approve_as(payments.finance(3), disbursement)).state == "approved"


async def test_concurrent_approvals_of_one_person_count_once(payments: Payments) -> None:
    disbursement = await prepared(payments, above_one_approval(payments))
    both = (payments.approve_as(payments.finance(2), disbursement) for _ in range(2))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(outcome, Forbidden) for outcome in outcomes) == 1
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "prepared"


async def test_preparing_twice_returns_the_same_disbursement(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.accepted(voucher, 10_000)
    both = (payments.run(prepare_disbursement, payments.finance(number), claim.id) for number in (1, 2))
    one, two = await asyncio.gather(*both)
    assert one.id == two.id
    assert await payments.published(DisbursementPrepared) == ["DisbursementPrepared"]


async def test_suspension_stops_approvals_and_sealing(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    approved = await payments.approved(voucher, 10_000)
    claim = await payments.accepted(voucher, 10_000)
    other = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    await payments.deliver(VoucherSuspended(**voucher.about()))
    assert await code_of(payments.approve_as(payments.finance(2), other)) == "voucher-suspended"
    assert (await payments.seal()).skipped == [(approved.id, "voucher-suspended")]


async def test_concurrent_sealing_puts_a_payment_in_one_file(payments: Payments) -> None:
    """While one transaction has sealed and not committed, the others neither wait for it nor seal the same."""
    call_id = await payments.open_call(1_000_000)
    ids = {(await payments.approved(await payments.issued(call_id, 20_000), 10_000)).id.hex + "-1" for _ in range(3)}
    async with payments.sessions.begin() as first:
        sealer = replace(payments.finance(5), fresh=True)
        assert len((await seal_batches(Context(first, sealer, BOOK, payments.clock.now()), payments.region)).batches) == 1
        others = await asyncio.wait_for(asyncio.gather(*(payments.seal() for _ in range(4))), 20)
        assert [sealed.batches for sealed in others] == [[]] * 4
    ordered = [end_to_end for batch in await payments.rows(BatchRow) for end_to_end in ordered_in(batch.file)]
    assert sorted(ordered) == sorted(ids)


async def test_database_refuses_second_attempt_and_changed_bytes(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.sent(voucher, 10_000)
    second = (
        "INSERT INTO attempts (id, disbursement_id, number, state, payee_id, account_version, prepared_by, prepared_at, counted_minor,"
        " approvals, approvals_needed)"
        " SELECT gen_random_uuid(), disbursement_id, 2, 'prepared', payee_id, 1, 'x', now(), 1, 0, 1 FROM attempts"
    )
    for statement in (second, "UPDATE batches SET file = 'x'", "INSERT INTO batch_transfers SELECT * FROM batch_transfers"):
        with pytest.raises(IntegrityError):
            await run_as_owner(payments.engine, statement)


OTHER_ACCOUNT = (
    "UPDATE payees SET account_key = 'HR0000000000000000000', account_number = '\\x00'::bytea || '\"HR0000000000000000000\"'::bytea"
)


async def test_account_in_use_cannot_change_without_a_version(payments: Payments) -> None:
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    with pytest.raises(IntegrityError, match="account_in_use_is_recorded"):
        await in_session(payments, lambda context: context.session.execute(text(OTHER_ACCOUNT)))


async def test_sealing_pays_the_recorded_account_that_was_approved(payments: Payments, postgres: PostgreSQL) -> None:
    await payments.approved(await payments.issued(await payments.open_call(1_000_000), 100_000), 10_000)
    recorded = (await payments.rows(PayeeAccountRow))[0].account_number
    admin = await asyncpg.connect(postgres.url(str(payments.engine.url.database), driver="postgresql"))
    await admin.execute("SET session_replication_role = replica")  # constraints off: only a superuser can
    await admin.execute(OTHER_ACCOUNT)
    await admin.close()
    await payments.seal()
    file = (await payments.rows(BatchRow))[0].file.decode()
    assert recorded in file
    assert "HR0000000000000000000" not in file


async def test_cancelled_payment_returns_its_amount_to_the_envelope(payments: Payments) -> None:
    call_id = await payments.open_call(100_000)
    voucher = await payments.issued(call_id, 100_000)
    disbursement = await payments.approved(voucher, 30_000)
    await payments.run(cancel_disbursement, payments.finance(1), disbursement.id, "wrong-claim")
    assert (await payments.row(EnvelopeRow, call_id)).available_minor == 30_000
    assert (await payments.row(VoucherRow, voucher.id)).released_minor == 30_000
    assert await code_of(payments.run(cancel_disbursement, payments.finance(1), disbursement.id, "again")) == "illegal-transition"


async def test_payment_at_the_bank_has_no_cancellation_or_next_try(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.sent(voucher, 10_000)
    with pytest.raises(Conflict):
        await payments.run(cancel_disbursement, payments.finance(1), disbursement.id, "changed-mind")
    with pytest.raises(Conflict):
        await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
