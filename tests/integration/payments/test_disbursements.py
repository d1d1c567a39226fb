"""Four eyes, one payment for life, and accounts that change."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.change_account import change_account
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.register_payee import PayeeInput, register_payee
from services.payments.commands.seal_batches import seal_batches
from services.payments.tables import BatchRow, DisbursementRow, EnvelopeRow, VoucherRow
from shared.contracts.payments import DisbursementPrepared
from shared.contracts.vouchers import VoucherSuspended
from shared.identity.actor import Role
from shared.kernel.errors import Conflict, Forbidden, Refused
from shared.messaging.context import Context
from tests.support.payments import BOOK, IBANS, Payments, in_session, ordered_in


async def prepared(payments: Payments, amount_minor: int = 10_000) -> DisbursementRow:
    voucher = await payments.issued(await payments.open_call(10_000_000), 2_000_000)
    claim = await payments.accepted(voucher, amount_minor)
    return await payments.do(prepare_disbursement, payments.finance(1), claim.id)


async def code_of(attempt: object) -> str:
    with pytest.raises(Refused) as caught:
        await attempt  # type: ignore[misc]
    return caught.value.code


async def test_whoever_prepared_does_not_approve_and_large_amounts_need_two_others(payments: Payments) -> None:
    disbursement = await prepared(payments, payments.policy.approvals.second_approver_above_minor + 1)
    assert await code_of(payments.do(approve_disbursement, payments.finance(1), disbursement.id)) == "prepared-it"
    after_one = await payments.do(approve_disbursement, payments.finance(2), disbursement.id)
    assert after_one.state == "prepared"
    assert await code_of(payments.do(approve_disbursement, payments.finance(2), disbursement.id)) == "approved-already"
    assert (await payments.do(approve_disbursement, payments.finance(3), disbursement.id)).state == "approved"


async def test_two_approvals_of_one_person_at_the_same_moment_count_once(payments: Payments) -> None:
    disbursement = await prepared(payments, payments.policy.approvals.second_approver_above_minor + 1)
    both = (payments.do(approve_disbursement, payments.finance(2), disbursement.id) for _ in range(2))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(outcome, Forbidden) for outcome in outcomes) == 1
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "prepared"


async def test_preparing_twice_gives_the_same_disbursement(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.accepted(voucher, 10_000)
    both = (payments.do(prepare_disbursement, payments.finance(number), claim.id) for number in (1, 2))
    one, two = await asyncio.gather(*both)
    assert one.id == two.id
    assert await payments.told(DisbursementPrepared) == ["DisbursementPrepared"]


async def test_a_suspended_voucher_gets_no_approval_and_what_is_approved_waits(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    approved = await payments.approved(voucher, 10_000)
    claim = await payments.accepted(voucher, 10_000)
    other = await payments.do(prepare_disbursement, payments.finance(1), claim.id)
    await payments.hear(VoucherSuspended(**voucher.about()))
    assert await code_of(payments.do(approve_disbursement, payments.finance(2), other.id)) == "suspended"
    assert (await payments.seal()).skipped == [(approved.id, "voucher-suspended")]


async def test_a_changed_account_loses_its_approvals_rests_and_is_approved_by_others(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    payee_id = (await payments.attempt(disbursement)).payee_id
    payee = await payments.do(change_account, payments.finance(4), payee_id, None, IBANS["EUR"][1])
    assert (await payments.attempt(disbursement)).state == "prepared"
    assert await code_of(payments.do(approve_disbursement, payments.finance(4), disbursement.id)) == "changed-the-account"
    await payments.do(approve_disbursement, payments.finance(2), disbursement.id)
    assert (await payments.seal()).skipped == [(disbursement.id, "account-resting")]
    assert payee.cooling_off_until == payments.clock.instant + timedelta(days=payments.policy.approvals.account_cooling_off_days)
    payments.clock.instant = payee.cooling_off_until
    [batch] = (await payments.seal()).batches
    assert IBANS["EUR"][1].encode() in batch.file


async def test_the_same_disbursement_is_never_in_two_files_however_many_seal_at_once(payments: Payments) -> None:
    """While one has sealed and not committed yet, the others neither wait for it nor take the same."""
    call_id = await payments.open_call(1_000_000)
    ids = {(await payments.approved(await payments.issued(call_id, 20_000), 10_000)).id.hex for _ in range(3)}
    async with payments.sessions.begin() as first:
        assert len((await seal_batches(Context(first, payments.finance(1), BOOK, payments.clock.now()), payments.region)).batches) == 1
        others = await asyncio.wait_for(asyncio.gather(*(payments.seal() for _ in range(4))), 20)
        assert [sealed.batches for sealed in others] == [[]] * 4
    ordered = [end_to_end for batch in await payments.rows(BatchRow) for end_to_end in ordered_in(batch.file)]
    assert sorted(ordered) == sorted(ids)


async def test_the_database_refuses_a_second_payment_of_a_disbursement_and_a_change_of_sealed_bytes(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.sent(voucher, 10_000)
    second = (
        "INSERT INTO attempts (id, disbursement_id, number, state, payee_id, account_version, prepared_by, approvals, approvals_needed)"
        " SELECT gen_random_uuid(), disbursement_id, 2, 'prepared', payee_id, 1, 'x', 0, 1 FROM attempts"
    )
    for statement in (second, "UPDATE batches SET file = 'x'", "INSERT INTO batch_transfers SELECT * FROM batch_transfers"):
        with pytest.raises(IntegrityError):
            await in_session(payments, lambda context, sql=statement: context.session.execute(text(sql)))  # type: ignore[misc]


async def test_a_cancelled_disbursement_gives_its_amount_back_to_the_envelope(payments: Payments) -> None:
    call_id = await payments.open_call(100_000)
    voucher = await payments.issued(call_id, 100_000)
    disbursement = await payments.approved(voucher, 30_000)
    await payments.do(cancel_disbursement, payments.finance(1), disbursement.id, "wrong-claim")
    assert (await payments.row(EnvelopeRow, call_id)).available_minor == 30_000
    assert (await payments.row(VoucherRow, voucher.id)).released_minor == 30_000
    assert await code_of(payments.do(cancel_disbursement, payments.finance(1), disbursement.id, "again")) == "illegal-transition"


async def test_what_the_bank_may_hold_is_neither_cancelled_nor_tried_again(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.sent(voucher, 10_000)
    with pytest.raises(Conflict):
        await payments.do(cancel_disbursement, payments.finance(1), disbursement.id, "changed-mind")
    with pytest.raises(Conflict):
        await payments.do(prepare_next_attempt, payments.finance(1), disbursement.id, None)


async def test_a_provider_is_registered_by_finance_and_not_by_an_applicant(payments: Payments) -> None:
    asked = PayeeInput("provider", payments.region, None, "Sample Design Bureau", IBANS["EUR"][1], None)
    first = await payments.do(register_payee, payments.finance(1), asked)
    again = await payments.do(register_payee, payments.finance(1), asked)
    assert first.id == again.id
    applicant = payments.who("applicant-1", Role.APPLICANT, first.id)
    assert await code_of(payments.do(register_payee, applicant, asked)) == "wrong-role"
