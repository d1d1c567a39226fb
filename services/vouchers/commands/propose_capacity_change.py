"""More hours or places for a call: an officer proposes so many vouchers more, finance confirms it, as a top-up of an envelope."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.domain.capacity import check_more
from services.vouchers.steps.capacity import supply_more
from services.vouchers.tables import CapacityChangeRow, CapacityRow
from shared.contracts.vouchers import CapacityChanged
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.ids import new_id
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def propose_capacity_change(context: Context, call_id: UUID, vouchers: int, reason: str) -> CapacityChangeRow:
    """It waits for finance. `NotFound` unknown-capacity; `Conflict` capacity-change-open, and as `check_more`."""
    capacity = await _lock_capacity(context, call_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=capacity.region)
    benefit = context.policies.get(capacity.policy_id).benefit
    assert benefit is not None, "a capacity is of a scheme that gives no money"
    check_more(capacity.supplied, vouchers * benefit.units_per_award, benefit, awaits_confirmation=capacity.awaits_confirmation)
    waits = select(CapacityChangeRow).where(col(CapacityChangeRow.call_id) == call_id, col(CapacityChangeRow.decided_at).is_(None))
    if await context.session.scalar(waits) is not None:
        raise Conflict("capacity-change-open", "A change of this call waits for finance already. Take it back first, or wait.")
    change = CapacityChangeRow(
        id=new_id(), call_id=call_id, region=capacity.region, unit=capacity.unit, vouchers=vouchers,
        units=vouchers * benefit.units_per_award, reason=reason, proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(change)
    await context.session.flush()
    return change


async def decide_capacity_change(context: Context, change_id: UUID, *, confirmed: bool) -> CapacityChangeRow:
    """By a person of finance who did not propose it and did not publish the call. Confirmed, the units can be given at once, and the
    reserve list moves up. `NotFound` no-such-proposal; `Conflict` decided-already; `Forbidden` proposed-yourself, incompatible-step."""
    change, capacity = await _lock(context, change_id)
    authorise(context.actor, Permission.CONFIRM_ENVELOPE, region=change.region)
    if confirmed:
        yourself = Forbidden("proposed-yourself", "You have proposed this yourself: another person has to confirm it.")
        require_distinct(context.actor.id, {change.proposed_by}, yourself)
        await take_part(context, Duty.CONFIRM_BUDGET, call_id=change.call_id)
        await supply_more(context, capacity, change.units, change.id)
        policy = context.policies.get(capacity.policy_id)
        changed = CapacityChanged(
            call_id=change.call_id, region=change.region, change_id=change.id, unit=change.unit, units=change.units,
            supplied=capacity.supplied, change_minor=change.units * capacity.unit_value_minor, currency=policy.currency,
        )  # fmt: skip
        publish(context, changed, reason="more-capacity", policy_id=capacity.policy_id)
    change.decided_by, change.decided_at, change.confirmed = context.actor.id, context.now, confirmed
    return change


async def take_back_capacity_change(context: Context, change_id: UUID) -> CapacityChangeRow:
    """By an officer of the region, before finance has decided: nothing moves. Raises as `decide_capacity_change`."""
    change, _ = await _lock(context, change_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=change.region)
    change.decided_by, change.decided_at, change.confirmed = context.actor.id, context.now, False
    return change


async def _lock(context: Context, change_id: UUID) -> tuple[CapacityChangeRow, CapacityRow]:
    known = await context.session.get(CapacityChangeRow, change_id)
    if known is None:
        raise NotFound("no-such-proposal", "There is no such proposal.")
    capacity = await _lock_capacity(context, known.call_id)
    await context.session.refresh(known)
    if known.decided_at is not None:
        raise Conflict("decided-already", "The proposal is {state} already.", state="confirmed" if known.confirmed else "rejected")
    return known, capacity


async def _lock_capacity(context: Context, call_id: UUID) -> CapacityRow:
    row = await context.session.get(CapacityRow, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("unknown-capacity", "This call gives no places or hours.")
    return row
