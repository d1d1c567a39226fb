"""Calls that give hours or places: payments knows that they are not money, and keeps nothing of their vouchers."""

from services.payments.domain.state_aid import Days
from services.payments.domain.undertakings import organisation_node
from services.payments.queries.state_aid import room_of
from services.payments.tables import AidInKindRow, CallWithoutMoneyRow, EnvelopeRow, LedgerEntryRow, VoucherRow
from shared.contracts.vouchers import (
    UnitsReleased,
    UnitsReserved,
    VoucherAccepted,
    VoucherExtended,
    VoucherIssued,
    VoucherRevoked,
    VoucherSuspended,
    VoucherWithdrawn,
)
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.tables import DeadLetterRow, ParkedRow
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
    await payments.deliver(VoucherAccepted(**about))
    assert [row.awaits for row in await payments.rows(ParkedRow)] == [str(call.call_id)]
    await payments.deliver(call, twice=True)
    units = {"unit": "minutes", "units": 720}
    reserved = UnitsReserved(**about, **money, **units, award_id=new_id())
    wrong = [reserved.model_copy(update=change) for change in ({"amount_minor": 1}, {"currency": "DKK"}, {"region": "dk-kolding"})]
    await payments.deliver(*wrong)
    assert len(await payments.rows(DeadLetterRow)) == 3
    await payments.deliver(reserved, twice=True)
    await payments.deliver(
        found_eligible(payments, voucher).model_copy(update={"region": POLICY.region}),
        VoucherIssued(**about, **money, **dates, code="KRT-1", payment_mode="reimbursement"),
        VoucherExtended(**about, **dates, **old), VoucherSuspended(**about), VoucherWithdrawn(**about), VoucherRevoked(**about),
    )  # fmt: skip
    assert [row.detail for row in await payments.rows(ParkedRow)] == []
    assert [row.policy_id for row in await payments.rows(CallWithoutMoneyRow)] == [POLICY.id]
    assert [len(await payments.rows(table)) for table in (EnvelopeRow, VoucherRow, LedgerEntryRow)] == [0, 0, 0]
    assert set(await payments.published()) == {"DeadLettered"}
    [aid] = await payments.rows(AidInKindRow)
    assert (aid.state, aid.granted_on, aid.eur_minor) == ("granted", NOON.date(), POLICY.value.largest_minor)
    async with payments.sessions.begin() as session:  # a later offer of money counts it
        context = Context(session, SYSTEM, payments.policies, NOON)
        left = (await room_of(context, POLICY, [organisation_node(voucher.organisation_id)], Days.of(NOON.date()))).left_minor
    assert left == POLICY.de_minimis.ceiling_minor - POLICY.value.largest_minor
    worth = POLICY.value.largest_minor // 720
    released = UnitsReleased(**about, unit="minutes", units=660, attended=60, amount_minor=660 * worth, currency="EUR")
    await payments.deliver(released.model_copy(update={"amount_minor": 721 * worth}))
    assert len(await payments.rows(DeadLetterRow)) == 4
    await payments.deliver(released, twice=True)
    [aid] = await payments.rows(AidInKindRow)
    assert (aid.state, aid.amount_minor) == ("granted", 60 * worth)
