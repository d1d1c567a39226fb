"""MilestoneReached (reserve-list-ends): refuses the cases that are still on the reserve list."""

from services.evaluation.locks import lock_call
from services.evaluation.queries.decisions import reserve_list
from services.evaluation.steps.decisions import refuse
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context


async def end_reserve_list(context: Context, event: MilestoneReached) -> None:
    """Once. Ignores a timer that was set for a date before the call was extended."""
    call = await lock_call(context, event.subject_id)
    if call.reserve_ended_at is not None or event.due_at < call.reserve_list_ends_at:
        return
    call.reserve_ended_at, call.unspent_minor = context.now, 0
    for case in await reserve_list(context, call):
        await refuse(context, call, case, ["reserve-list-ended"])
