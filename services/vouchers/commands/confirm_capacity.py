"""Finance confirms the capacity of a call that gives no money, as it confirms the envelope of one that does."""

from uuid import UUID

from services.vouchers.steps.capacity import reserve_units, waiting_vouchers
from services.vouchers.tables import CapacityRow
from shared.contracts.vouchers import CapacityConfirmed
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def confirm_capacity(context: Context, call_id: UUID) -> CapacityRow:
    """From now on its units may be reserved: awards that wait get theirs, the earliest first. A second confirmation changes nothing.

    `NotFound` unknown-capacity; `Conflict` no-confirmation-needed; `Forbidden` incompatible-step.
    """
    row = await context.session.get(CapacityRow, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("unknown-capacity", "This call gives no places or hours.")
    authorise(context.actor, Permission.CONFIRM_ENVELOPE, region=row.region)
    if not row.needs_confirmation:
        raise Conflict("no-confirmation-needed", "The policy asks for no confirmation of this envelope.")
    await take_part(context, Duty.CONFIRM_BUDGET, call_id=call_id)
    if row.awaits_confirmation:
        row.confirmed_by, row.confirmed_at = context.actor.id, context.now
        confirmed = CapacityConfirmed(call_id=call_id, region=row.region, unit=row.unit, units=row.supplied)
        publish(context, confirmed, reason="above-the-ceiling", policy_id=row.policy_id)
        await context.session.flush()
        policy = context.policies.get(row.policy_id)
        for voucher in await waiting_vouchers(context, call_id):
            await reserve_units(context.as_system(), voucher, policy)
        await context.session.refresh(row)
    return row
