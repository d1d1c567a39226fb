"""The own share comes from the bank, pays the provider together with the aid, and what is left goes back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.domain.recoveries import reference_of
from services.payments.steps.region_ledger import region_account_id
from services.payments.tables import BankLineRow, DepositRow, DisbursementRow, EnvelopeRow, LedgerPostingRow, PayeeRow, VoucherRow
from shared.contracts.payments import DepositReceived, DisbursementPaid
from shared.contracts.vouchers import MilestoneReached
from shared.identity.actor import Role
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import MilestoneKind, PaymentMode
from shared.messaging.context import Context
from shared.policy.own_share import Deposit
from tests.support.payments import Payments, Voucher, camt053, code_of

AID, OWN = 30_000, 70_000


@pytest_asyncio.fixture
async def voucher(payments: Payments) -> Voucher:
    """Of EUR 300 at 30 %, paid to the provider with EUR 700 that the beneficiary pays in."""
    policy = payments.policy
    value = policy.value.model_copy(update={"intensity_bp": 3_000, "own_contribution_bp": 7_000})
    payment = policy.payment.model_copy(update={"mode": PaymentMode.PROVIDER_DIRECT})
    payments.use(policy.model_copy(update={"value": value, "payment": payment, "deposit": Deposit(within=policy.claims.claim_window)}))
    return await payments.issued(await payments.open_call(1_000_000), AID)


async def pay_in(payments: Payments, voucher: Voucher, amount_minor: int = OWN, bank: str = "D-1") -> None:
    credit: dict[str, Any] = {"quoted": reference_of(derive_id(voucher.id, "deposit")), "amount_minor": amount_minor, "bank": bank}
    await payments.receive(camt053([credit], payments.policy), f"{bank}.xml")


async def provider(payments: Payments) -> PayeeRow:
    long_ago = payments.clock.instant - timedelta(days=payments.policy.approvals.account_cooling_off_days)
    new = NewPayee("provider", payments.region, None, "Obrt Primjer", payments.account_of(new_id()), None)
    async with payments.sessions.begin() as session:
        return await register_payee(Context(session, replace(payments.finance(8), fresh=True), payments.policies, long_ago), new)


async def held(payments: Payments) -> dict[str, int]:
    names = ("clearing", "suspense", "deposits")
    ids = {region_account_id(payments.region, name, "EUR"): name for name in names}  # type: ignore[arg-type]
    sums = dict.fromkeys(names, 0)
    for row in await payments.rows(LedgerPostingRow):
        if row.account_id in ids:
            sums[ids[row.account_id]] += row.amount_minor
    return sums


async def lapse(payments: Payments, voucher: Voucher) -> None:
    deposit = await payments.row(DepositRow, voucher.id)
    payments.clock.instant = deposit.due_at + timedelta(days=3)
    about = {"subject_id": voucher.id, "case_id": voucher.application_id, "region": voucher.region}
    await payments.deliver(MilestoneReached(**about, kind=MilestoneKind.DEPOSIT_DUE, due_at=payments.clock.instant), twice=True)


async def test_deposit_and_aid_pay_the_provider_together(payments: Payments, voucher: Voucher) -> None:
    payee = await provider(payments)
    applicant = payments.actor("applicant-1", Role.APPLICANT, voucher.organisation_id)
    claim = payments.new_claim(voucher, payee.id, 24_000)
    assert await code_of(payments.run(lodge_claim, applicant, claim)) == "deposit-awaited"
    await pay_in(payments, voucher)
    await pay_in(payments, voucher, bank="D-2")
    assert await payments.published(DepositReceived) == ["DepositReceived"]
    assert [line.reason for line in await payments.rows(BankLineRow)] == ["deposit-received", "deposit-when-paid"]
    assert await held(payments) == {"clearing": -OWN, "suspense": 0, "deposits": OWN}

    accepted = await payments.run(accept_claim, payments.officer, (await payments.run(lodge_claim, applicant, claim)).id, None)
    assert (accepted.granted_minor, accepted.own_minor, accepted.payable_minor) == (24_000, 56_000, 80_000)
    prepared = await payments.run(prepare_disbursement, payments.finance(1), accepted.id)
    await payments.approve(prepared)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.statement(prepared), "paid.xml")
    paid, row = await payments.row(DisbursementRow, prepared.id), await payments.row(VoucherRow, voucher.id)
    assert (paid.state, paid.amount_minor, paid.own_minor, row.paid_minor) == ("paid", 80_000, 56_000, 24_000)
    [event] = await payments.events(DisbursementPaid)
    assert event.body["own_minor"] == 56_000
    assert await held(payments) == {"clearing": -14_000, "suspense": 0, "deposits": 14_000}

    await payments.end_claim_window(voucher)
    deposit, row = await payments.row(DepositRow, voucher.id), await payments.row(VoucherRow, voucher.id)
    assert (deposit.state, deposit.used_minor, deposit.left_minor) == ("closed", 56_000, 14_000)
    assert (row.state, row.paid_minor, row.released_minor) == ("settled", 24_000, 6_000)
    assert await held(payments) == {"clearing": -14_000, "suspense": 14_000, "deposits": 0}, "it has to go back to its sender"
    await payments.assert_nothing_lost()


@pytest.mark.parametrize("paid_first", [True, False])
async def test_aid_lapses_only_without_the_deposit(payments: Payments, voucher: Voucher, paid_first: bool) -> None:
    if paid_first:
        await pay_in(payments, voucher)
    await lapse(payments, voucher)
    deposit, row = await payments.row(DepositRow, voucher.id), await payments.row(VoucherRow, voucher.id)
    [envelope] = await payments.rows(EnvelopeRow)
    if paid_first:
        assert (deposit.state, row.state, row.closure_reason) == ("paid", "issued", None)
        return
    assert (deposit.state, row.state, row.closure_reason) == ("lapsed", "settled", "deposit-missing")
    assert envelope.available_minor == 1_000_000
    await pay_in(payments, voucher)
    assert [line.reason for line in await payments.rows(BankLineRow)] == ["deposit-when-lapsed"]
    assert await held(payments) == {"clearing": 0, "suspense": 0, "deposits": 0}
