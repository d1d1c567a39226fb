"""A second officer lifts a legal hold."""

from uuid import UUID

from services.applications.locks import lock_hold
from services.applications.tables import HoldRow
from shared.contracts.applications import LegalHoldLifted
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def lift_hold(context: Context, hold_id: UUID, reason: str) -> HoldRow:
    """The hold, no longer in force; the content of its subject goes with the next run if its term is over. `Conflict` 'hold-lifted';
    `Forbidden` 'incompatible-step' for the person who placed a hold on this subject."""
    hold = await lock_hold(context, hold_id)
    authorise(context.actor, Permission.MANAGE_HOLDS, region=hold.region)
    if hold.lifted_at is not None:
        raise Conflict("hold-lifted", "This hold is lifted.")
    await take_part(context, Duty.LIFT_HOLD, hold.subject_id)
    hold.lifted_at, hold.lifted_by, hold.lifting_reason = context.now, context.actor.id, reason
    event = LegalHoldLifted(hold_id=hold.id, region=hold.region, subject_kind=hold.subject_kind, subject_id=hold.subject_id)
    publish(context, event, reason=reason, policy_id="")
    return hold
