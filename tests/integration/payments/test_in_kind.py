"""Calls that give hours or places: payments knows that they are not money, and keeps nothing of their vouchers."""

from services.payments.tables import CallWithoutMoneyRow, EnvelopeRow, LedgerEntryRow, VoucherRow
from shared.contracts.vouchers import VoucherAccepted, VoucherExtended, VoucherIssued, VoucherRevoked, VoucherSuspended, VoucherWithdrawn
from shared.kernel.ids import new_id
from shared.messaging.tables import ParkedRow
from tests.support.applications import BOOK
from tests.support.payments import NOON, Payments, call_published
from tests.support.providers import found_eligible

POLICY = next(policy for policy in BOOK.all() if policy.scheme == "mentor-hours")


async def test_call_of_hours_has_no_envelope_and_its_vouchers_no_money(payments: Payments) -> None:
    """Its events have no effect, also those that come before the call; nothing is lost and nothing waits."""
    payments.use(POLICY)
    call = call_published(new_id(), POLICY, 5 * POLICY.value.largest_minor)
    voucher = payments.voucher(call.call_id, POLICY.value.largest_minor)
    about = voucher.about() | {"region": POLICY.region}
    dates = dict.fromkeys(("valid_until", "claim_window_until"), NOON)
    old = dict.fromkeys(("previous_valid_until", "previous_claim_window_until"), NOON)
    money = {
        "amount_minor": POLICY.value.largest_minor,
        "currency": "EUR",
        "policy_id": POLICY.id,
        "organisation_id": voucher.organisation_id,
    }
    accepted = VoucherAccepted(**about)
    await payments.deliver(accepted)
    assert [row.awaits for row in await payments.rows(ParkedRow)] == [str(call.call_id)]
    await payments.deliver(call, twice=True)
    await payments.deliver(
        found_eligible(payments, voucher).model_copy(update={"region": POLICY.region}),
        VoucherIssued(**about, **money, **dates, code="KRT-1", payment_mode="reimbursement"),
        VoucherExtended(**about, **dates, **old), VoucherSuspended(**about), VoucherWithdrawn(**about), VoucherRevoked(**about),
    )  # fmt: skip
    await payments.assert_nothing_lost()
    assert [row.policy_id for row in await payments.rows(CallWithoutMoneyRow)] == [POLICY.id]
    assert [len(await payments.rows(table)) for table in (EnvelopeRow, VoucherRow, LedgerEntryRow)] == [0, 0, 0]
    assert await payments.published() == []
