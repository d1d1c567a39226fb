"""Accounts: who may set them, what a second person confirms, and what an approval is of."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.embedded.servers import PostgreSQL
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.commands.reject_account import reject_account
from services.payments.queries.disbursements import get_disbursement
from services.payments.queries.payees import account_history
from services.payments.tables import DisbursementRow, PayeeRow
from shared.contracts.payments import PayeeAccountConfirmed, PayeeAccountProposed, PayeeAccountRegistered, PayeeAccountRejected
from shared.identity.actor import Actor, Role
from shared.kernel.ids import new_id
from tests.support.payments import IBANS, Payments, Voucher, code_of


def applicant_of(payments: Payments, organisation_id: UUID | None) -> Actor:
    return payments.actor("applicant-1", Role.APPLICANT, organisation_id)


async def approved(payments: Payments) -> tuple[DisbursementRow, UUID]:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    disbursement = await payments.approved(voucher, 10_000)
    return disbursement, (await payments.attempt(disbursement)).payee_id


async def provider(payments: Payments, number: str, by: int = 4) -> PayeeRow:
    asked = NewPayee("provider", payments.region, None, "Sample Design Bureau", number, None)
    return await payments.run(register_payee, payments.finance(by), asked)


def rested(payments: Payments) -> timedelta:
    return timedelta(days=payments.policy.approvals.account_cooling_off_days)


async def test_changed_account_is_in_force_once_another_confirms(payments: Payments) -> None:
    disbursement, payee_id = await approved(payments)
    payee = await payments.row(PayeeRow, payee_id)
    proposed = await payments.run(
        propose_account, applicant_of(payments, payee.organisation_id), payee_id, None, payments.account_of(new_id())
    )
    assert (proposed.account_number, proposed.account_version) == (payee.account_number, 1)
    assert (await payments.attempt(disbursement)).state == "approved"
    confirmed = await payments.run(confirm_account, payments.finance(5), await payments.open_proposal_of(payee_id))
    assert (confirmed.account_version, confirmed.cooling_off_until) == (2, payments.clock.instant + rested(payments))
    attempt = await payments.attempt(disbursement)
    assert (attempt.state, attempt.approvals, attempt.account_version) == ("prepared", 0, 2)
    assert await payments.published(PayeeAccountProposed, PayeeAccountConfirmed) == ["PayeeAccountProposed", "PayeeAccountConfirmed"]


async def test_rejected_account_leaves_the_old_one_in_force(payments: Payments) -> None:
    disbursement, payee_id = await approved(payments)
    payee = await payments.row(PayeeRow, payee_id)
    applicant = applicant_of(payments, payee.organisation_id)
    await payments.run(propose_account, applicant, payee_id, "Another Name", payee.account_number)
    again = payments.run(propose_account, applicant, payee_id, None, payments.account_of(new_id()))
    assert await code_of(again) == "account-proposed-already"
    proposal_id = await payments.open_proposal_of(payee_id)
    assert (await payments.run(reject_account, payments.finance(5), proposal_id)).name == payee.name
    assert await code_of(payments.run(confirm_account, payments.finance(5), proposal_id)) == "proposal-decided"
    assert (await payments.attempt(disbursement)).state == "approved"
    assert await payments.published(PayeeAccountRejected) == ["PayeeAccountRejected"]


async def test_provider_account_is_confirmed_by_another_person(payments: Payments) -> None:
    payee = await provider(payments, IBANS["EUR"][1])
    await payments.run(propose_account, payments.finance(4), payee.id, None, IBANS["EUR"][0])
    proposal_id = await payments.open_proposal_of(payee.id)
    assert await code_of(payments.run(confirm_account, payments.finance(4), proposal_id)) == "incompatible-step"
    assert (await payments.run(confirm_account, payments.finance(5), proposal_id)).account_number == IBANS["EUR"][0]


async def test_accounts_are_set_by_their_own_side_only(payments: Payments) -> None:
    disbursement, payee_id = await approved(payments)
    assert await code_of(payments.run(propose_account, payments.finance(4), payee_id, None, IBANS["EUR"][1])) == "wrong-role"
    payee = await provider(payments, IBANS["EUR"][0])
    stranger = applicant_of(payments, new_id())
    assert await code_of(payments.run(propose_account, stranger, payee.id, None, IBANS["EUR"][1])) == "wrong-role"
    assert await code_of(payments.run(propose_account, stranger, payee_id, None, IBANS["EUR"][1])) == "not-owner"
    asked = NewPayee("provider", payments.region, None, "Sample Design Bureau", IBANS["EUR"][1], None)
    assert await code_of(payments.run(register_payee, stranger, asked)) == "wrong-role"
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "approved"


async def test_everyone_who_set_or_confirmed_the_account_is_excluded(payments: Payments) -> None:
    """finance-6 sets the number, finance-7 confirms; finance-8 only corrects the name afterwards, finance-9 confirms that."""
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    payee = await provider(payments, IBANS["EUR"][1])
    for proposer, confirmer, name, number in ((6, 7, None, IBANS["EUR"][0]), (8, 9, "Corrected Name", IBANS["EUR"][0])):
        await payments.run(propose_account, payments.finance(proposer), payee.id, name, number)
        await payments.run(confirm_account, payments.finance(confirmer), await payments.open_proposal_of(payee.id))
    claim = await payments.accepted_for(voucher, payee.id, 10_000)
    for number_of_setter in (4, 6, 7, 8, 9):
        setter = payments.finance(number_of_setter)
        assert await code_of(payments.run(prepare_disbursement, setter, claim.id)) == "incompatible-step"
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    for number_of_setter in (4, 6, 7, 8, 9):
        setter = payments.finance(number_of_setter)
        assert await code_of(payments.approve_as(setter, disbursement)) == "incompatible-step"
    assert (await payments.approve_as(payments.finance(2), disbursement)).state == "approved"


async def test_preparer_neither_proposes_nor_confirms_the_account(payments: Payments) -> None:
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    payee = await provider(payments, IBANS["EUR"][1])
    claim = await payments.accepted_for(voucher, payee.id, 10_000)
    await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    change = (payee.id, None, IBANS["EUR"][0])
    assert await code_of(payments.run(propose_account, payments.finance(1), *change)) == "incompatible-step"
    await payments.run(propose_account, payments.finance(4), *change)
    proposal_id = await payments.open_proposal_of(payee.id)
    assert await code_of(payments.run(confirm_account, payments.finance(1), proposal_id)) == "incompatible-step"


async def test_account_of_another_payee_waits_for_a_second_person(payments: Payments) -> None:
    """A provider with the account of another one's client, spelled with spaces."""
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    client = await payments.payee(await payments.issued(voucher.call_id, 100_000))
    number = client.account_number or ""
    payee = await provider(payments, f"{number[:4]} {number[4:]}")
    assert (payee.account_version, payee.account_number) == (0, None)
    claim = await payments.accepted_for(voucher, payee.id, 10_000)
    assert await code_of(payments.run(prepare_disbursement, payments.finance(1), claim.id)) == "account-not-in-force"
    await payments.run(confirm_account, payments.finance(5), await payments.open_proposal_of(payee.id))
    assert (await payments.run(prepare_disbursement, payments.finance(1), claim.id)).state == "prepared"


async def test_one_account_registered_twice_at_once_is_noticed(payments: Payments) -> None:
    new = [NewPayee("beneficiary", payments.region, new_id(), "Studio Primjer", IBANS["EUR"][0], None) for _ in range(4)]
    rows = await asyncio.gather(*(payments.run(register_payee, applicant_of(payments, one.organisation_id), one) for one in new))
    assert sorted(row.account_version for row in rows) == [0, 0, 0, 1]


async def test_first_account_is_registered_and_rests(payments: Payments) -> None:
    first, again = [await provider(payments, IBANS["EUR"][1]) for _ in range(2)]
    assert (first.id, again.account_version) == (again.id, 1)
    assert first.cooling_off_until == payments.clock.instant + rested(payments)
    assert await payments.published(PayeeAccountRegistered) == ["PayeeAccountRegistered"]


async def test_new_account_is_paid_after_the_cooling_off(payments: Payments) -> None:
    disbursement, payee_id = await approved(payments)
    number = payments.account_of(new_id())
    payee = await payments.changed_account(payee_id, None, number)
    await payments.approve_as(payments.finance(2), disbursement)
    assert (await payments.seal()).skipped == [(disbursement.id, "account-cooling-off")]
    assert payee.cooling_off_until
    payments.clock.instant = payee.cooling_off_until
    [batch] = (await payments.seal()).batches
    assert number.encode() in batch.file


async def test_payment_switched_to_another_payee_rests(payments: Payments) -> None:
    """The other provider was registered long ago, so its own cooling-off is over."""
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    one, other = await provider(payments, IBANS["EUR"][0]), await provider(payments, IBANS["EUR"][1])
    payments.clock.instant += rested(payments)
    claim = await payments.accepted_for(voucher, one.id, 10_000)
    disbursement = await payments.approve(await payments.run(prepare_disbursement, payments.finance(1), claim.id))
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"))
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    disbursement = await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, other.id)
    await payments.approve(disbursement)
    assert (await payments.seal()).skipped == [(disbursement.id, "account-cooling-off")]
    payments.clock.instant += rested(payments)
    [batch] = (await payments.seal()).batches
    assert IBANS["EUR"][1].encode() in batch.file


async def test_approval_of_what_was_read_before_is_refused(payments: Payments) -> None:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    claim = await payments.accepted(voucher, 10_000)
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    read = await payments.run(get_disbursement, payments.finance(2), disbursement.id)
    await payments.changed_account(read.payee_id, "Another Name", payments.account_of(voucher.organisation_id))
    outdated = payments.run(approve_disbursement, payments.finance(2), disbursement.id, read.payment_hash)
    assert await code_of(outdated) == "approval-outdated"


@pytest.mark.parametrize("table", ["payee_accounts", "account_proposals"])
@pytest.mark.parametrize("column", ["name", "account_number", "account_key"])
async def test_recorded_account_does_not_change(payments: Payments, table: str, column: str) -> None:
    """The service may encrypt what an earlier version left in clear; a trigger refuses it everything else."""
    _, payee_id = await approved(payments)
    await payments.changed_account(payee_id, "Another Name", payments.account_of(new_id()))
    value = "'x'" if column == "account_key" else "'\\x00'"
    with pytest.raises(DBAPIError, match="append-only"):
        async with payments.sessions.begin() as session:
            await session.execute(text(f"UPDATE {table} SET {column} = {value}"))


async def test_account_changed_in_the_database_is_not_sealed(payments: Payments, postgres: PostgreSQL) -> None:
    """The file has the account of the approved version; a change of that row without a command changes what was approved."""
    disbursement, _ = await approved(payments)
    admin = await asyncpg.connect(postgres.url(str(payments.engine.url.database), driver="postgresql"))
    await admin.execute("SET session_replication_role = replica")  # constraints off: only a superuser can
    await admin.execute(f"UPDATE payee_accounts SET account_number = '\\x00'::bytea || '\"{IBANS['EUR'][1]}\"'::bytea")
    await admin.close()
    assert (await payments.seal()).skipped == [(disbursement.id, "approval-outdated")]


async def test_history_shows_masked_accounts_to_auditors(payments: Payments) -> None:
    _, payee_id = await approved(payments)
    number = payments.account_of(new_id())
    await payments.changed_account(payee_id, None, number)
    first, second = await payments.run(account_history, payments.actor("auditor-1", Role.AUDITOR), payee_id)
    assert (first.set_by, first.confirmed_by) == ("applicant-1", None)
    assert (second.account, second.set_by, second.confirmed_by) == (f"HR…{number[-4:]}", "applicant-1", "finance-7")


async def second_of_two(payments: Payments, one: Voucher, other: Voucher) -> DisbursementRow:
    """Two halves, each below the bound of a second approval, that are above it together; the second one of them."""
    half = (payments.policy.approvals.second_approver_above_minor or 0) * 3 // 4
    payee = await provider(payments, IBANS["EUR"][1])
    first, second = [await payments.accepted_for(voucher, payee.id, half) for voucher in (one, other)]
    assert (await payments.attempt(await payments.run(prepare_disbursement, payments.finance(1), first.id))).approvals_needed == 1
    return await payments.run(prepare_disbursement, payments.finance(1), second.id)


async def test_amount_split_on_a_voucher_needs_both_approvals(payments: Payments) -> None:
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(10_000_000), 2_000_000)
    second = await second_of_two(payments, voucher, voucher)
    assert (await payments.approve_as(payments.finance(2), second)).state == "prepared"
    first = next(row for row in await payments.rows(DisbursementRow) if row.id != second.id)
    assert (await payments.approve_as(payments.finance(2), first)).state == "prepared"
    assert (await payments.attempt(first)).approvals_needed == 2


async def test_amount_split_over_vouchers_to_one_account_counts(payments: Payments) -> None:
    payments.pay_providers()
    call_id = await payments.open_call(10_000_000)
    one, other = [await payments.issued(call_id, 1_000_000) for _ in range(2)]
    assert (await payments.attempt(await second_of_two(payments, one, other))).approvals_needed == 2
