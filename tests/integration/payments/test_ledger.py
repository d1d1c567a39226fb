"""The ledger and the envelope: what the database itself refuses, and what no interleaving can break."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col

from services.payments.domain.ledger import OPPOSITES, EntryKind, LedgerAccount, balances, postings, region_postings
from services.payments.locks import lock_voucher
from services.payments.queries.envelopes import ledger_balances
from services.payments.steps.ledger import move_money
from services.payments.tables import EnvelopeRow, LedgerEntryRow, LedgerPostingRow, VoucherRow
from shared.contracts.payments import FundsReservationRefused, FundsReserved
from shared.contracts.vouchers import FundsReleaseRequested, VoucherAccepted
from shared.identity.actor import SYSTEM
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from tests.support.databases import run_as_owner
from tests.support.desk import delivery_of
from tests.support.payments import BOOK, NOON, Payments, Voucher, call_published, in_session

RUNNING = ("reserved", "committed", "paid", "recovered")


async def assert_totals_are_the_postings(payments: Payments, call_id: UUID) -> None:
    """Envelope = sum of its vouchers = balances of the ledger; the ledger adds up to zero; nothing is overspent."""
    async with payments.sessions() as session:
        envelope = await session.get_one(EnvelopeRow, call_id)
        ledger = await ledger_balances(Context(session, SYSTEM, BOOK, NOON), call_id)
        sums = select(*(func.coalesce(func.sum(getattr(VoucherRow, f"{name}_minor")), 0) for name in RUNNING))
        vouchers = (await session.execute(sums.where(col(VoucherRow.call_id) == call_id))).one()
    running = [getattr(envelope, f"{name}_minor") for name in RUNNING]
    assert running == list(vouchers)
    assert running == [abs(ledger[name]) for name in RUNNING]
    assert ledger["available"] == envelope.available_minor >= 0
    assert sum(ledger.values()) == 0


async def test_concurrent_reservations_stay_within_the_envelope(payments: Payments) -> None:
    """Two hundred compete for the money of seventy."""
    call_id = await payments.open_call(70 * 10_000)
    askers = [payments.voucher(call_id, 10_000) for _ in range(200)]
    await asyncio.gather(*(payments.deliver(payments.reservation(voucher)) for voucher in askers))
    assert len(await payments.published(FundsReserved)) == 70
    assert len(await payments.published(FundsReservationRefused)) == 130
    assert (await payments.row(EnvelopeRow, call_id)).available_minor == 0
    await assert_totals_are_the_postings(payments, call_id)
    await payments.assert_nothing_lost()


async def test_concurrent_requests_for_one_voucher_reserve_once(payments: Payments) -> None:
    call_id = await payments.open_call(100_000)
    voucher = payments.voucher(call_id, 10_000)
    await asyncio.gather(*(payments.deliver(payments.reservation(voucher)) for _ in range(10)))
    assert (await payments.row(EnvelopeRow, call_id)).reserved_minor == 10_000
    assert await payments.published(FundsReserved) == ["FundsReserved"]
    await payments.assert_nothing_lost()


async def test_events_before_their_call_wait_for_it(payments: Payments) -> None:
    call_id = new_id()
    voucher = payments.voucher(call_id, 10_000)
    await payments.deliver(payments.issue(voucher))
    await payments.deliver(VoucherAccepted(**voucher.about()))
    await payments.deliver(payments.reservation(voucher))
    assert await payments.published() == []
    await payments.deliver(call_published(call_id, payments.policy, 10_000))
    await payments.inbox.retry_parked()
    await payments.inbox.retry_parked()
    assert (await payments.row(VoucherRow, voucher.id)).state == "issued"
    await payments.assert_nothing_lost()


async def test_repeated_events_change_nothing(payments: Payments) -> None:
    call_id = await payments.open_call(100_000)
    voucher = payments.voucher(call_id, 10_000)
    history = [payments.reservation(voucher), VoucherAccepted(**voucher.about()), payments.issue(voucher)]
    same = [delivery_of(event, NOON) for event in history]
    await payments.inbox.take(same)
    published = await payments.published()
    await payments.inbox.take(same)  # the same messages
    await payments.deliver(*history)  # the same facts in new messages
    assert await payments.published() == published
    await assert_totals_are_the_postings(payments, call_id)


async def test_offer_not_taken_releases_its_money_once(payments: Payments) -> None:
    call_id = await payments.open_call(100_000)
    voucher = payments.voucher(call_id, 10_000)
    asked = FundsReleaseRequested(**voucher.about())
    await payments.deliver(payments.reservation(voucher), asked, asked)
    assert await payments.published() == ["EnvelopeOpened", "FundsReserved", "FundsReleased"]
    assert (await payments.row(EnvelopeRow, call_id)).available_minor == 100_000


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_postings SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_postings",
        "TRUNCATE ledger_postings",
        "UPDATE ledger_entries SET kind = 'paid'",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_accounts SET name = 'paid'",
        "UPDATE envelopes SET reserved_minor = 100001",
        "UPDATE envelopes SET committed_minor = -1",
        "UPDATE envelopes SET recovered_minor = 1",
        "UPDATE vouchers SET paid_minor = 10001",
        "UPDATE vouchers SET claimed_minor = 10001",
    ],
)
async def test_database_refuses_rewriting_and_overspending(payments: Payments, statement: str) -> None:
    call_id = await payments.open_call(100_000)
    await payments.deliver(payments.reservation(payments.voucher(call_id, 10_000)))
    with pytest.raises(DBAPIError):
        await in_session(payments, lambda context: context.session.execute(text(statement)))
    with pytest.raises(DBAPIError) as refusal:
        await run_as_owner(payments.engine, statement)
    assert "permission denied" not in str(refusal.value)
    await assert_totals_are_the_postings(payments, call_id)


@pytest.mark.parametrize("sides", [{"available": -5, "reserved": 4}, {"available": -5}, {}])
async def test_unbalanced_entry_is_refused_at_commit(payments: Payments, sides: dict[str, int]) -> None:
    call_id = await payments.open_call(100_000)

    async def write(context: Context) -> None:
        entry_id = new_id()
        context.session.add(LedgerEntryRow(id=entry_id, call_id=call_id, kind="reserved", at=NOON))
        await context.session.flush()
        for name, amount in sides.items():
            account = (
                await context.session.execute(text("SELECT id FROM ledger_accounts WHERE name = :name"), {"name": name})
            ).scalar_one()
            context.session.add(LedgerPostingRow(entry_id=entry_id, account_id=account, amount_minor=amount))

    with pytest.raises(IntegrityError, match="add up to"):
        await in_session(payments, write)


async def test_posting_cannot_be_added_to_a_past_entry(payments: Payments) -> None:
    call_id = await payments.open_call(100_000)
    sql = (
        "INSERT INTO ledger_postings SELECT e.id, a.id, 5 FROM ledger_entries e, ledger_accounts a"
        " WHERE a.name = 'paid' AND a.call_id = e.call_id AND e.call_id = :call"
    )
    with pytest.raises(IntegrityError, match="add up to"):
        await in_session(payments, lambda context: context.session.execute(text(sql), {"call": call_id}))


def test_each_kind_of_entry_adds_up_to_zero() -> None:
    """A payment that is returned and decommitted leaves all accounts as the envelope opened them."""
    assert all(sum(postings(kind, 7).values()) == 0 for kind in EntryKind)
    for kind, opposite in OPPOSITES.items():
        assert region_postings(kind, 7) == {one: -sum_ for one, sum_ in region_postings(opposite, 7).items()}
    circle = [EntryKind.OPENED, EntryKind.RESERVED, EntryKind.COMMITTED, EntryKind.PAID, EntryKind.RETURNED, EntryKind.DECOMMITTED]
    left = balances(postings(kind, 7) for kind in circle)
    assert {account: amount for account, amount in left.items() if amount} == {LedgerAccount.FUNDING: -7, LedgerAccount.AVAILABLE: 7}


STEPS = st.tuples(
    st.sampled_from(["reserve", "commit", "release", EntryKind.PAID, EntryKind.RETURNED, EntryKind.RECOVERED, EntryKind.DECOMMITTED]),
    st.integers(0, 3),
    st.integers(1, 600),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(envelope=st.integers(1, 1500), rounds=st.lists(st.lists(STEPS, min_size=1, max_size=4), min_size=1, max_size=8))
async def test_money_is_conserved_in_any_interleaving(payments: Payments, envelope: int, rounds: list[list[tuple[str, int, int]]]) -> None:
    """The steps of a round run at the same moment, right or wrong; after each round the books balance."""
    call_id = await payments.open_call(envelope)
    vouchers = [payments.voucher(call_id, 150 * (number + 1)) for number in range(4)]
    for steps in rounds:
        await asyncio.gather(*(_step(payments, vouchers[number], step, amount) for step, number, amount in steps))
        await assert_totals_are_the_postings(payments, call_id)


async def _step(payments: Payments, voucher: Voucher, step: str, amount: int) -> None:
    """Wrong steps (to pay what is not committed ...) are refused by the database and change nothing."""
    if not isinstance(step, EntryKind):
        known = step == "reserve" or any(row.id == voucher.id for row in await payments.rows(VoucherRow))
        events = {
            "reserve": payments.reservation(voucher),
            "commit": VoucherAccepted(**voucher.about()),
            "release": FundsReleaseRequested(**voucher.about()),
        }
        if known:
            await payments.deliver(events[step])
        return

    async def move(context: Context) -> None:
        await move_money(context, await lock_voucher(context, voucher.id), step, amount, new_id())
        if step is EntryKind.DECOMMITTED:
            (await lock_voucher(context, voucher.id)).released_minor += amount

    with suppress(IntegrityError, NotFound, AssertionError):
        await in_session(payments, move)
