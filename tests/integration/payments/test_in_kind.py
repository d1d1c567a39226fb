"""Calls that give hours or places: payments keeps their de minimis aid, under one ceiling with money, and nothing else of them."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from services.payments.commands import reserve_funds as reservation
from services.payments.commands.register_aid import register_aid
from services.payments.commands.reserve_aid_in_kind import reserve_aid_in_kind
from services.payments.queries.aid_register import AID_ENTRIES, count_waiting, list_aid_entries
from services.payments.queries.views import AidEntryView
from services.payments.tables import AidApplicantRow, AidEntryRow, CallWithoutMoneyRow, EnvelopeRow, LedgerEntryRow, VoucherRow
from shared.contracts.aid import AidReservationRefused, AidReserved
from shared.contracts.applications import ApplicationFoundIneligible, ApplicationSubmitted, ApplicationWithdrawn
from shared.contracts.evaluation import AwardRefused
from shared.contracts.payments import FundsReservationRefused, FundsReserved
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
from shared.kernel.errors import Transient
from shared.kernel.ids import new_id
from shared.messaging.tables import DeadLetterRow, ParkedRow
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.support.aid import found_eligible
from tests.support.payments import BOOK, NOON, Payments, Voucher, call_published

CEILING = 200_000
KORTRIJK = "be-kortrijk"


def _low(scheme: str) -> Policy:
    """With a ceiling of EUR 2,000, so that a few small offers reach it."""
    policy = next(policy for policy in BOOK.all() if (policy.region, policy.scheme) == (KORTRIJK, scheme))
    return policy.model_copy(update={"de_minimis": policy.de_minimis.model_copy(update={"ceiling_minor": CEILING})})


HOURS, MONEY = _low("mentor-hours"), _low("creative-voucher")


@pytest.fixture(autouse=True)
def both(payments: Payments) -> None:
    """A region that gives money and hours."""
    payments.region, payments.policy = KORTRIJK, MONEY
    payments.policies = payments.inbox.policies = PolicyBook([MONEY, HOURS])


async def call_of_hours(payments: Payments) -> Any:
    call = call_published(new_id(), HOURS, 1_000_000)
    await payments.deliver(call)
    return call.call_id


def asked(voucher: Voucher) -> UnitsReserved:
    return UnitsReserved(
        **voucher.about(), award_id=new_id(), organisation_id=voucher.organisation_id, policy_id=HOURS.id, unit="minutes", units=720,
        amount_minor=voucher.amount_minor, currency="EUR",
    )  # fmt: skip


def eligible(payments: Payments, voucher: Voucher, number: str | None = None, *declared: Any) -> Any:
    return found_eligible(payments, voucher, number, *declared).model_copy(update={"policy_id": HOURS.id})


async def answer_by_a_worker_of_its_own(payments: Payments, command: Any, request: Any) -> None:
    while True:
        with suppress(Transient):
            await payments.run(command, SYSTEM, request)
            return


async def test_application_for_hours_waits_for_no_envelope(payments: Payments) -> None:
    """Each of these once stood in the parked events without limit: nothing here says that the call is known but its row."""
    voucher = payments.voucher(await call_of_hours(payments), 108_000)
    about = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region}
    applied = ApplicationSubmitted(
        **about, revision=1, sequence=1, receipt="KRT-0001", submitted_at=NOON, organisation_id=voucher.organisation_id,
        requested_minor=108_000, currency="EUR", policy_id=HOURS.id,
    )  # fmt: skip
    await payments.deliver(applied, twice=True)
    await payments.deliver(ApplicationWithdrawn(**about, sequence=1), twice=True)
    await payments.deliver(ApplicationFoundIneligible(**about, sequence=1, rules=["place"]), twice=True)
    await payments.deliver(AwardRefused(**about, rules=["below-threshold"]), twice=True)
    assert (await payments.rows(ParkedRow), await payments.rows(DeadLetterRow)) == ([], [])


async def in_register(payments: Payments) -> list[AidEntryView]:
    found = await payments.run(list_aid_entries, payments.officer, await AID_ENTRIES(), KORTRIJK, None)
    return list(found.items)


async def test_call_of_hours_has_no_envelope_and_its_vouchers_no_money(payments: Payments) -> None:
    """Its events have no effect on money, also those that come before the call; nothing is lost and nothing waits."""
    call = call_published(new_id(), HOURS, 1_000_000)
    voucher = payments.voucher(call.call_id, 108_000)
    about, dates = voucher.about(), dict.fromkeys(("valid_until", "claim_window_until"), NOON)
    old = dict.fromkeys(("previous_valid_until", "previous_claim_window_until"), NOON)
    money = {"amount_minor": 108_000, "currency": "EUR", "policy_id": HOURS.id, "organisation_id": voucher.organisation_id}
    await payments.deliver(VoucherAccepted(**about))
    assert [row.awaits for row in await payments.rows(ParkedRow)] == [str(call.call_id)]
    await payments.deliver(call, twice=True)
    await payments.deliver(
        asked(voucher), eligible(payments, voucher),
        VoucherIssued(**about, **money, **dates, code="KRT-1", payment_mode="reimbursement"),
        VoucherExtended(**about, **dates, **old), VoucherSuspended(**about), VoucherWithdrawn(**about), VoucherRevoked(**about),
    )  # fmt: skip
    await payments.inbox.retry_parked()
    assert [row.detail for row in await payments.rows(ParkedRow)] == []
    assert [row.policy_id for row in await payments.rows(CallWithoutMoneyRow)] == [HOURS.id]
    assert [len(await payments.rows(table)) for table in (EnvelopeRow, VoucherRow, LedgerEntryRow)] == [0, 0, 0]
    assert [row.activity_code for row in await payments.rows(AidApplicantRow)] == ["62.01"]
    assert await payments.published() == ["AidReserved"]


async def test_aid_in_kind_from_the_offer_to_the_register(payments: Payments) -> None:
    """Regulation (EU) 2023/2831, Articles 3(3), 3(5) and 6(2): it counts from the day of the legal right by its gross grant equivalent, and
    stands in the register within 20 working days. Forged variants, and repetitions, change nothing."""
    call_id = await call_of_hours(payments)
    voucher, lapsed = payments.voucher(call_id, 108_000), payments.voucher(call_id, 60_000)
    wrong = [asked(voucher).model_copy(update=change) for change in ({"amount_minor": 0}, {"currency": "DKK"}, {"region": "dk-kolding"})]
    await payments.deliver(eligible(payments, voucher), eligible(payments, lapsed), *wrong)
    await payments.deliver(asked(voucher), asked(lapsed), twice=True)
    await payments.deliver(asked(voucher).model_copy(update={"amount_minor": 1}))
    assert len(await payments.rows(DeadLetterRow)) == 4
    assert (await payments.published(AidReserved), await in_register(payments)) == (["AidReserved"] * 2, [])
    worth = {"unit": "minutes", "units": 720, "attended": 0, "currency": "EUR"}
    await payments.deliver(VoucherAccepted(**voucher.about()), UnitsReleased(**lapsed.about(), **worth, amount_minor=60_000))
    [entry] = await in_register(payments)
    assert (entry.in_kind, entry.amount_minor, entry.granted_on, entry.activity_code) == (True, 108_000, NOON.date(), "62.01")
    assert entry.register_by == HOURS.deadline(HOURS.de_minimis.register_within, NOON)
    assert await payments.run(count_waiting, payments.officer, KORTRIJK) == 1
    await payments.run(register_aid, payments.officer, voucher.id, "DM-1", NOON.date())
    assert await payments.run(count_waiting, payments.officer, KORTRIJK) == 0
    released = UnitsReleased(**voucher.about(), **{**worth, "units": 660, "attended": 60}, amount_minor=99_000)
    await payments.deliver(released.model_copy(update={"amount_minor": 108_001}))
    assert len(await payments.rows(DeadLetterRow)) == 5
    await payments.deliver(released, twice=True)
    [entry] = await in_register(payments)
    assert (entry.amount_minor, entry.register_state, entry.register_number) == (9_000, "changed", "DM-1")
    assert (await payments.row(AidEntryRow, lapsed.id)).state == "released"


async def test_money_and_hours_race_for_the_last_euro(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two organisation ids with one tax number, offers of both kinds at once, each of what is left: exactly one is made. Between reading
    what is left and taking it there is time for another one."""
    take = reservation.take_from_envelope

    async def later(*arguments: Any) -> Any:
        await asyncio.sleep(0.2)
        return await take(*arguments)

    monkeypatch.setattr(reservation, "take_from_envelope", later)
    of_money, of_hours, firms = await payments.open_call(1_000_000), await call_of_hours(payments), [new_id(), new_id()]
    rivals = [Voucher(new_id(), (of_money, of_hours)[n % 2], new_id(), firms[n // 2 % 2], 10_000, KORTRIJK) for n in range(8)]
    for one in rivals:
        await payments.deliver((found_eligible if one.call_id == of_money else eligible)(payments, one, "a" * 32))
    first = Voucher(new_id(), of_hours, new_id(), firms[0], CEILING - 10_000, KORTRIJK)
    await payments.deliver(eligible(payments, first, "a" * 32), asked(first))
    requests = [(reserve_aid_in_kind, asked(one)) if n % 2 else (reservation.reserve_funds, payments.reservation(one))
                for n, one in enumerate(rivals)]  # fmt: skip
    await asyncio.gather(*(answer_by_a_worker_of_its_own(payments, command, request) for command, request in requests))
    assert len(await payments.published(FundsReserved, AidReserved)) == 2
    refused = [*(await payments.events(FundsReservationRefused)), *(await payments.events(AidReservationRefused))]
    assert [(row.body["rule"], row.body["headroom_minor"]) for row in refused] == [("de-minimis-ceiling", 0)] * 7
    assert sum(row.eur_minor for row in await payments.rows(AidEntryRow)) == CEILING


async def test_declared_aid_leaves_less_for_hours(payments: Payments) -> None:
    """What is refused is refused for good, counts nothing, and leaves what is left to a smaller offer."""
    call_id = await call_of_hours(payments)
    voucher = payments.voucher(call_id, 60_000)
    await payments.deliver(eligible(payments, voucher, None, (NOON.date(), CEILING - 50_000)), asked(voucher), twice=True)
    [refusal] = await payments.events(AidReservationRefused)
    assert (refusal.body["rule"], refusal.body["headroom_minor"]) == ("de-minimis-ceiling", 50_000)
    smaller = Voucher(new_id(), call_id, new_id(), voucher.organisation_id, 50_000, KORTRIJK)
    await payments.deliver(eligible(payments, smaller), asked(smaller))
    assert await payments.published(AidReserved) == ["AidReserved"]
