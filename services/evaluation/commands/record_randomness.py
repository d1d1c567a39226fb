"""An officer hands in the beacon's round for the draw of a call."""

from uuid import UUID

from services.evaluation.steps.randomness import keep_randomness
from services.evaluation.tables import CallRow, RandomnessRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def record_randomness(context: Context, call_id: UUID, file: str) -> RandomnessRow:
    """Raises as `keep_randomness`. Any officer may: policy and end of screening say which round it is, and its signature proves it."""
    region = (await context.session.get_one(CallRow, call_id)).region
    authorise(context.actor, Permission.MANAGE_CALLS, region=region)
    return await keep_randomness(context, call_id, file)
