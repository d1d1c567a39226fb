"""The ledger of de minimis aid on a real PostgreSQL: the race for the last euro of headroom, and what each movement of money changes."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.payments.commands import reserve_funds as reservation
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.register_aid import register_aid
from services.payments.commands.settle_recovery import settle_recovery
from services.payments.jobs.earlier_aid import EarlierAid
from services.payments.queries.aid_headroom import case_undertaking, own_rooms
from services.payments.queries.aid_register import count_waiting
from services.payments.steps.recoveries import undo_settlement
from services.payments.tables import AidEntryRow, EnvelopeRow
from shared.contracts.payments import FundsReservationRefused, FundsReserved
from shared.contracts.people import UndertakingLinkRecorded
from shared.contracts.vouchers import AmountChangeRequested, FundsReleaseRequested, VoucherAccepted
from shared.identity.actor import SYSTEM, Role
from shared.kernel.errors import Transient
from shared.kernel.ids import new_id
from shared.messaging.tables import DeadLetterRow
from shared.policy.sections import StateAid
from tests.support.aid import found_eligible
from tests.support.payments import NOON, Payments, Voucher, code_of

CEILING = 100_000


@pytest.fixture(autouse=True)
def ceiling(payments: Payments) -> None:
    """EUR 1,000, so that a few small offers reach it."""
    payments.use(
        payments.policy.model_copy(update={"de_minimis": payments.policy.de_minimis.model_copy(update={"ceiling_minor": CEILING})})
    )


def offer_to(payments: Payments, organisation_id: UUID, call_id: UUID, amount_minor: int) -> Voucher:
    return Voucher(new_id(), call_id, new_id(), organisation_id, amount_minor, payments.region)


async def aid_of(payments: Payments, voucher: Voucher) -> tuple[str, int, date | None]:
    row = await payments.row(AidEntryRow, voucher.id)
    return row.state, row.eur_minor, row.granted_on


async def refusals(payments: Payments) -> list[Any]:
    return [(row.body["rule"], row.body["headroom_minor"]) for row in await payments.events(FundsReservationRefused)]


async def reserved_by_a_worker_of_its_own(payments: Payments, voucher: Voucher) -> None:
    """One inbox takes events one after another; several processes do not."""
    while True:
        with suppress(Transient):
            await payments.run(reservation.reserve_funds, SYSTEM, payments.reservation(voucher))
            return


async def test_of_many_offers_one_gets_the_last_euro(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls, two organisation ids, one tax number: at once they ask for what is left, and exactly one gets it. The envelope keeps what
    the others asked for. Between reading what is left and taking it there is time for another one."""
    take = reservation.take_from_envelope

    async def later(*arguments: Any) -> Any:
        await asyncio.sleep(0.2)
        return await take(*arguments)

    monkeypatch.setattr(reservation, "take_from_envelope", later)
    calls = [await payments.open_call(1_000_000) for _ in range(2)]
    firms = new_id(), new_id()
    first = offer_to(payments, firms[0], calls[0], CEILING - 10_000)
    rivals = [offer_to(payments, firms[number % 2], calls[number // 2 % 2], 10_000) for number in range(8)]
    await payments.deliver(found_eligible(payments, first, "a" * 32), found_eligible(payments, rivals[1], "a" * 32))
    await payments.deliver(payments.reservation(first))
    await asyncio.gather(*(reserved_by_a_worker_of_its_own(payments, one) for one in rivals))
    assert len(await payments.published(FundsReserved)) == 2
    assert await refusals(payments) == [("de-minimis-ceiling", 0)] * 7
    left = [(await payments.row(EnvelopeRow, call)).available_minor for call in calls]
    assert sum(left) == 2_000_000 - CEILING
    await payments.assert_nothing_lost()


async def test_aid_follows_the_money_of_its_voucher(payments: Payments) -> None:
    """Reserved at the offer, granted on the day of the acceptance, released on lapse, less after a recovery."""
    call_id, firm = await payments.open_call(1_000_000), new_id()
    lapsed, taken = (offer_to(payments, firm, call_id, amount) for amount in (60_000, 40_000))
    await payments.deliver(payments.reservation(lapsed), payments.reservation(taken))
    assert await aid_of(payments, taken) == ("reserved", 40_000, None)
    await payments.deliver(FundsReleaseRequested(**lapsed.about()), VoucherAccepted(**taken.about()), payments.issue(taken))
    assert await aid_of(payments, lapsed) == ("released", 0, None)
    assert await aid_of(payments, taken) == ("granted", 40_000, NOON.date())
    row = await payments.row(AidEntryRow, taken.id)
    assert (row.rate_id, row.per_euro, row.member_state) == ("fixed-EUR-2026-03", "1", "HR")
    assert row.register_by is not None
    assert row.register_by.date() == date(2026, 3, 30)  # 20 working days of Croatia after 2 March
    await payments.paid(taken, 40_000)
    recovery = await payments.run(order_recovery, payments.finance(8), taken.id, 15_000, "irregularity")
    await payments.run(settle_recovery, payments.finance(9), recovery.id, "BANK-1")
    assert (await aid_of(payments, taken))[:2] == ("granted", 25_000)
    other = offer_to(payments, firm, call_id, 75_000)  # all that is left: what came back did not come back after all
    await payments.deliver(payments.reservation(other))
    assert await code_of(payments.run(undo_settlement, payments.finance(7), recovery.id)) == "recovered-aid-used"
    await payments.deliver(FundsReleaseRequested(**other.about()))
    await payments.run(undo_settlement, payments.finance(7), recovery.id)
    assert (await aid_of(payments, taken))[:2] == ("granted", 40_000)


async def test_granted_change_above_the_ceiling_is_refused(payments: Payments) -> None:
    call_id = await payments.open_call(1_000_000)
    voucher = await payments.issued(call_id, 40_000)
    await payments.deliver(payments.reservation(offer_to(payments, voucher.organisation_id, call_id, 50_000)))
    for amount in (50_001, 50_000):
        await payments.deliver(AmountChangeRequested(**voucher.about(), change_id=new_id(), amount_minor=amount, currency="EUR"))
    assert await payments.published() == [
        *("EnvelopeOpened", "FundsReserved", "FundsCommitted", "FundsReserved"),
        *("VoucherValueRefused", "FundsAdded", "VoucherValueChanged"),
    ]  # fmt: skip
    assert (await aid_of(payments, voucher))[:2] == ("granted", 50_000)


async def test_declared_aid_counts_for_three_years(payments: Payments) -> None:
    """Regulation (EU) 2023/2831, article 3(2): to the day. Aid of other granters, as the application lists it."""
    call_id = await payments.open_call(1_000_000)
    today = NOON.date()
    voucher = payments.voucher(call_id, 30_001)
    old, counted = today.replace(year=2023), today.replace(year=2023) + timedelta(days=1)
    await payments.deliver(found_eligible(payments, voucher, None, (old, 90_000), (counted, 70_000)), payments.reservation(voucher))
    assert await refusals(payments) == [("de-minimis-ceiling", 30_000)]
    other = offer_to(payments, voucher.organisation_id, call_id, 30_000)
    await payments.deliver(payments.reservation(other))
    assert (await aid_of(payments, other))[0] == "reserved"


async def test_links_join_firms_while_they_hold(payments: Payments) -> None:
    """Regulation (EU) 2023/2831, article 2(2): through a third firm that applies nowhere, and by the number with which the firm is
    registered, though it applied with another. The messages of a link come in any order, twice; a forged one about another firm changes
    nothing."""
    call_id = await payments.open_call(1_000_000)
    one, other = payments.voucher(call_id, CEILING), payments.voucher(call_id, 20_000)
    eligible = found_eligible(payments, one, "a" * 32), found_eligible(payments, other, "b" * 32)
    await payments.deliver(*eligible, payments.reservation(one))
    first, second = link(payments, "e", "c", one.organisation_id), link(payments, "c", "b")
    ended = second.model_copy(update={"version": 2, "valid_until": NOON.date()})
    await payments.deliver(first, second, second)
    await payments.deliver(payments.reservation(other))
    assert await refusals(payments) == [("de-minimis-ceiling", 0)]
    await payments.deliver(ended, second, second.model_copy(update={"other_number": "d" * 32, "version": 3}))
    await payments.deliver(payments.reservation(offer_to(payments, other.organisation_id, call_id, 20_000)))
    assert len(await payments.published(FundsReserved)) == 2
    assert [row.error.split(":")[0] for row in await payments.rows(DeadLetterRow)] == ["Contradiction"]


def link(payments: Payments, own: str, other: str, organisation_id: UUID | None = None) -> UndertakingLinkRecorded:
    return UndertakingLinkRecorded(
        organisation_id=organisation_id or new_id(), link_id=new_id(), version=1, kind="majority-of-votes",
        own_number=own * 32, other_number=other * 32, valid_from=date(2024, 1, 1), valid_until=None,
    )  # fmt: skip


async def test_granted_aid_is_registered_and_corrected(payments: Payments) -> None:
    """Regulation (EU) 2023/2831, article 6(2): within 20 working days. What is due counts as a task of officers."""
    voucher = await payments.issued(await payments.open_call(1_000_000), 40_000)
    assert await waiting(payments) == 1
    for day in (NOON.date() - timedelta(days=1), NOON.date() + timedelta(days=1)):
        assert await code_of(payments.run(register_aid, payments.officer, voucher.id, "SA-1", day)) == "register-day"
    await payments.run(register_aid, payments.officer, voucher.id, "SA-1", NOON.date())
    assert await code_of(payments.run(register_aid, payments.officer, voucher.id, "SA-2", NOON.date())) == "aid-registered"
    assert await waiting(payments) == 0
    await payments.deliver(AmountChangeRequested(**voucher.about(), change_id=new_id(), amount_minor=30_000, currency="EUR"))
    assert await waiting(payments) == 1
    await payments.run(register_aid, payments.officer, voucher.id, "SA-1", NOON.date())
    assert await waiting(payments) == 0


async def waiting(payments: Payments) -> int:
    return await payments.run(count_waiting, payments.officer, payments.region)


async def test_offer_waits_for_the_declaration_and_its_applicant(payments: Payments) -> None:
    """The events of two topics come in any order: where the policy has a table of state aid, nothing is reserved on half of the facts."""
    payments.use(payments.policy.model_copy(update={"state_aid": StateAid(excluded_activities=("01",))}))
    call_id = await payments.open_call(1_000_000)
    voucher = payments.voucher(call_id, 60_000)
    await payments.deliver(payments.reservation(voucher))
    assert await payments.published(FundsReserved, FundsReservationRefused) == []
    await payments.deliver(found_eligible(payments, voucher, None, (NOON.date(), 50_000)))
    await payments.inbox.retry_parked()
    assert await refusals(payments) == [("de-minimis-ceiling", 50_000)]
    other = payments.voucher(call_id, 10_000)
    await payments.deliver(found_eligible(payments, other), payments.reservation(replace(other, organisation_id=new_id())))
    assert await payments.published(FundsReserved) == []


async def test_aid_from_before_the_ledger_is_entered_once(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vouchers whose money was reserved before there was a ledger of aid: what they hold counts, from the day of the record."""
    monkeypatch.setattr(reservation, "reserve_aid", lambda *_: None)
    call_id, firm = await payments.open_call(1_000_000), new_id()
    lapsed, taken, open_one = (offer_to(payments, firm, call_id, amount) for amount in (60_000, 40_000, 10_000))
    await payments.deliver(*(payments.reservation(one) for one in (lapsed, taken, open_one)))
    await payments.deliver(FundsReleaseRequested(**lapsed.about()), VoucherAccepted(**taken.about()), payments.issue(taken))
    monkeypatch.undo()
    assert await payments.rows(AidEntryRow) == []
    job = EarlierAid(payments.sessions, payments.clock, payments.policies)
    payments.clock.instant += timedelta(days=100)
    assert (await job.enter(), await job.enter()) == (3, 0)
    assert await aid_of(payments, lapsed) == ("released", 0, None)
    assert await aid_of(payments, taken) == ("granted", 40_000, NOON.date())
    assert await aid_of(payments, open_one) == ("reserved", 10_000, None)
    row = await payments.row(AidEntryRow, taken.id)
    assert (row.reserved_at, row.rate_id) == (NOON, "fixed-EUR-2026-03")
    await payments.deliver(payments.reservation(offer_to(payments, firm, call_id, 50_001)))
    assert await refusals(payments) == [("de-minimis-ceiling", 50_000)]


async def test_each_regulation_has_a_ceiling_of_its_own(payments: Payments) -> None:
    """Regulation (EU) 2023/2832, article 3(2): aid for services of general economic interest counts apart, unless the policy says more."""
    call_id, firm = await payments.open_call(1_000_000), new_id()
    await payments.deliver(payments.reservation(offer_to(payments, firm, call_id, CEILING)))
    for counts_with, left in ((None, 250_000), (("2023/2831",), 150_000)):
        changed = {"regulation": "2023/2832", "counts_with": counts_with, "ceiling_minor": 250_000}
        payments.use(payments.policy.model_copy(update={"de_minimis": payments.policy.de_minimis.model_copy(update=changed)}))
        services = await payments.open_call(1_000_000)
        await payments.deliver(payments.reservation(offer_to(payments, firm, services, left + 1)))
        assert (await refusals(payments))[-1] == ("de-minimis-ceiling", left)


async def test_members_see_their_headroom_and_officers_the_undertaking(payments: Payments) -> None:
    """Of a linked firm its members see one sum, and nobody of another organisation sees anything."""
    call_id = await payments.open_call(1_000_000)
    own, other = payments.voucher(call_id, 30_000), payments.voucher(call_id, 20_000)
    listed = (NOON.date() - timedelta(days=400), 5_000)
    await payments.deliver(found_eligible(payments, own, "a" * 32, listed), found_eligible(payments, other, "b" * 32))
    joined = link(payments, "a", "b", own.organisation_id)
    await payments.deliver(payments.reservation(own), payments.reservation(other), joined)
    member = payments.actor("owner-1", Role.APPLICANT, own.organisation_id)
    (room,) = await payments.run(own_rooms, member, own.organisation_id)
    assert (room.reserved_minor, room.declared_minor, room.linked_minor, room.left_minor) == (30_000, 5_000, 20_000, CEILING - 55_000)
    assert [part.voucher_id for part in room.own] == [own.id]
    assert await code_of(payments.run(own_rooms, member, other.organisation_id)) == "not-owner"
    seen = await payments.run(case_undertaking, payments.officer, own.application_id, None)
    assert set(seen.organisations) == {own.organisation_id, other.organisation_id}
    assert [one.kind for one in seen.links] == ["majority-of-votes"]
    before = await payments.run(case_undertaking, payments.officer, own.application_id, date(2023, 12, 31))
    assert (before.organisations, before.links) == ([own.organisation_id], [])
