"""The ledger of places and minutes: each movement in the entries and in the running totals, in one transaction. No other module writes
either. The voucher's row is locked before its call's capacity, which one conditional statement changes."""

from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from services.vouchers.domain.capacity import MOVES, CapacityAccount, CapacityEntry
from services.vouchers.domain.stages import Stage
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.tables import CapacityEntryRow, CapacityRow, HoldingRow, VoucherRow
from shared.contracts.applications import CallPublished
from shared.contracts.binding import require_equal
from shared.contracts.vouchers import UnitsReleased, UnitsReserved
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.policy.schema import Policy

EXHAUSTED = "capacity-exhausted"
"""The rule by which units are not reserved."""
_TOTALS = (CapacityAccount.RESERVED, CapacityAccount.COMMITTED, CapacityAccount.ATTENDED)
_AVAILABLE = col(CapacityRow.supplied) - col(CapacityRow.reserved) - col(CapacityRow.committed) - col(CapacityRow.attended)
_USABLE = (~col(CapacityRow.needs_confirmation)) | col(CapacityRow.confirmed_by).is_not(None)


async def supply_capacity(context: Context, call: CallPublished) -> None:
    """CallPublished: opens the ledger of a call that gives no money, once. Where the policy asks for it, nothing is reserved before another
    person than the publisher has confirmed the capacity. `Contradiction` when it is published again with another one."""
    policy = context.policies.get(call.policy_id)
    if policy.benefit is None:
        return
    units = policy.benefit.units_in(call.envelope_minor)
    values = {
        "call_id": call.call_id, "region": call.region, "policy_id": call.policy_id, "unit": policy.benefit.unit, "supplied": units,
        "reserved": 0, "committed": 0, "attended": 0, "unit_value_minor": policy.benefit.unit_value_minor,
        "needs_confirmation": policy.budget is not None and call.envelope_minor > policy.budget.ceiling_minor,
        "published_by": context.event_actor,
    }  # fmt: skip
    opening = upsert(CapacityRow).values(values).on_conflict_do_nothing().returning(col(CapacityRow.call_id))
    if await context.session.scalar(opening) is None:
        first = await context.session.get_one(CapacityEntryRow, _entry_id(call.call_id, CapacityEntry.SUPPLIED, 0))
        require_equal(call, "capacity", units, first.units)
        return
    await _record(context, call.call_id, None, CapacityEntry.SUPPLIED, units, call.call_id)


async def supply_more(context: Context, capacity: CapacityRow, units: int, origin: UUID) -> None:
    """`capacity` is locked. `origin`: what was confirmed, which adds its units once."""
    capacity.supplied += units
    await context.session.flush()
    await _record(context, capacity.call_id, None, CapacityEntry.SUPPLIED, units, origin)


async def capacity_is_open(context: Context, call_id: UUID) -> bool:
    """Whether its units may be reserved. It is known: an award is registered after its call. One that waits is locked, so that either this
    voucher is seen by who confirms, or the confirmation here."""
    row = await context.session.get_one(CapacityRow, call_id, populate_existing=True)
    if row.awaits_confirmation:
        row = await context.session.get_one(CapacityRow, call_id, populate_existing=True, with_for_update=True)
    return not row.awaits_confirmation


async def reserve_units(context: Context, row: VoucherRow, policy: Policy) -> None:
    """`row` is locked, or new. Where the capacity has too little left, that is the reply. Else payments answers UnitsReserved by what the
    ceiling of de minimis aid leaves, and the offer waits for it. Without a reply also while the capacity is not confirmed."""
    assert policy.benefit is not None, "asked for a scheme that gives money"
    if not await capacity_is_open(context, row.call_id):
        return
    units = policy.benefit.units_per_award
    if not await _change_totals(context, row.call_id, CapacityEntry.RESERVED, units):
        row.refused_at, row.refused_rule = context.now, EXHAUSTED
        return
    values = {
        "voucher_id": row.id, "call_id": row.call_id, "region": row.region, "organisation_id": row.organisation_id,
        "unit": policy.benefit.unit, "granted": units, "reserved": units, "committed": 0, "booked": 0, "attended": 0,
    }  # fmt: skip
    await context.session.execute(insert(HoldingRow).values(values))
    await _record(context, row.call_id, row.id, CapacityEntry.RESERVED, units, row.id)
    fields = {"award_id": row.award_id, "organisation_id": row.organisation_id, "policy_id": row.policy_id, "unit": policy.benefit.unit}
    worth = {"units": units, "amount_minor": row.amount_minor, "currency": row.currency}
    publish_voucher_event(context, row, UnitsReserved, "award-granted", **fields, **worth)


async def commit_units(context: Context, row: VoucherRow) -> None:
    """The offer is accepted. `row` is locked."""
    holding = await holding_of(context, row.id)
    await move_units(context, holding, CapacityEntry.COMMITTED, holding.reserved, row.id)
    row.committed_at = context.now


async def return_units(context: Context, row: VoucherRow) -> None:
    """Of an award whose offer the ceiling of aid does not allow: it ends as not funded, which lets the reserve list move up. `row` is
    locked."""
    holding = await holding_of(context, row.id)
    await move_units(context, holding, CapacityEntry.RELEASED, holding.reserved, row.id)


async def release_units(context: Context, row: VoucherRow, reason: str) -> None:
    """Of an offer that was not taken, or of a voucher that ends: what is neither attended nor needed any more goes back to the call. `row`
    is locked; nothing is booked with it any more."""
    holding = await holding_of(context, row.id)
    released = holding.reserved + holding.committed
    if holding.reserved:
        await move_units(context, holding, CapacityEntry.RELEASED, holding.reserved, row.id)
    if holding.committed:
        await move_units(context, holding, CapacityEntry.DECOMMITTED, holding.committed, row.id)
    unit_value = row.amount_minor // holding.granted
    publish_voucher_event(
        context, row, UnitsReleased, reason, unit=holding.unit, units=released, attended=holding.attended,
        amount_minor=released * unit_value, currency=row.currency,
    )  # fmt: skip


async def settle_units(context: Context, row: VoucherRow, reason: str) -> None:
    """No session can be booked, and none is to be confirmed: the voucher is settled, as payments would say of money."""
    await release_units(context, row, reason)
    row.settled_at, row.confirm_by = context.now, None


async def holding_of(context: Context, voucher_id: UUID) -> HoldingRow:
    """Its voucher is locked, so it does not change meanwhile."""
    return await context.session.get_one(HoldingRow, voucher_id, populate_existing=True)


async def move_units(context: Context, holding: HoldingRow, kind: CapacityEntry, units: int, origin: UUID, number: int = 0) -> None:
    """Between accounts of the voucher and of its call. `origin` moves units at most once per kind and `number`."""
    await context.session.flush()
    moved = await _change_totals(context, holding.call_id, kind, units)
    assert moved, f"{kind}: the call has less than its voucher"
    for account, change in _changes(kind, units).items():
        setattr(holding, account.value, getattr(holding, account.value) + change)
    await _record(context, holding.call_id, holding.voucher_id, kind, units, origin, number)
    await context.session.flush()


async def waiting_vouchers(context: Context, call_id: UUID) -> list[VoucherRow]:
    """Of the call, those that wait for its confirmation, locked, the earliest first."""
    row = VoucherRow
    query = select(row).where(col(row.call_id) == call_id, col(row.state) == Stage.REQUESTED, col(row.reserved_at).is_(None))
    holds = select(col(HoldingRow.voucher_id)).where(col(HoldingRow.voucher_id) == col(row.id)).exists()
    query = query.where(col(row.refused_at).is_(None), ~holds).order_by(col(row.created_at), col(row.id)).with_for_update()
    return list(await context.session.scalars(query.execution_options(populate_existing=True)))


def _changes(kind: CapacityEntry, units: int) -> dict[CapacityAccount, int]:
    source, target = MOVES[kind]
    return {account: change for account, change in ((source, -units), (target, units)) if account in _TOTALS}


async def _change_totals(context: Context, call_id: UUID, kind: CapacityEntry, units: int) -> bool:
    """One conditional statement: of many transactions that compete for the last place, one gets it."""
    source, _ = MOVES[kind]
    changes = {account.value: getattr(CapacityRow, account.value) + change for account, change in _changes(kind, units).items()}
    if source is CapacityAccount.AVAILABLE:
        enough = and_(_AVAILABLE - units >= 0, _USABLE)
    else:
        enough = and_(getattr(CapacityRow, source.value) >= units)
    statement = update(CapacityRow).where(col(CapacityRow.call_id) == call_id, enough).values(changes).returning(col(CapacityRow.call_id))
    return await context.session.scalar(statement.execution_options(synchronize_session=False)) is not None


async def _record(
    context: Context, call_id: UUID, voucher_id: UUID | None, kind: CapacityEntry, units: int, origin: UUID, number: int = 0
) -> None:
    source, target = MOVES[kind]
    entry = {
        "id": _entry_id(origin, kind, number), "call_id": call_id, "voucher_id": voucher_id, "kind": kind.value,
        "source": source.value, "target": target.value, "units": units, "at": context.now,
    }  # fmt: skip
    await context.session.execute(insert(CapacityEntryRow).values(entry))


def _entry_id(origin: UUID, kind: CapacityEntry, number: int) -> UUID:
    return derive_id(origin, "capacity", kind, number)
