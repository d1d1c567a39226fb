"""The verdict of a rule stands: a second officer refuses an overrule, or the first takes it back."""

from uuid import UUID

from services.applications.domain.overrules import OverruleState
from services.applications.steps.overrules import check_waits, lock_overrule
from services.applications.tables import OverruleRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def refuse_overrule(context: Context, overrule_id: UUID) -> OverruleRow:
    """Another one may be proposed. `Conflict` 'overrule-decided'."""
    _, overrule = await lock_overrule(context, overrule_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=overrule.region)
    check_waits(overrule)
    overrule.state, overrule.decided_by, overrule.decided_at = OverruleState.REFUSED, context.actor.id, context.now
    return overrule
