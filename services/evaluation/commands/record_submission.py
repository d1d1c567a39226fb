"""ApplicationSubmitted: puts the application into the queue of its call."""

from services.evaluation.domain.states import QueueState
from services.evaluation.locks import lock_call
from services.evaluation.steps.first_come import decide_first_come, record_queue_state
from shared.contracts.applications import ApplicationSubmitted
from shared.messaging.context import Context


async def record_submission(context: Context, event: ApplicationSubmitted) -> None:
    """Revision 1 only: a correction does not change the position in the queue."""
    if event.revision != 1:
        return
    call = await lock_call(context, event.call_id)
    await record_queue_state(context, call, event.application_id, event.sequence, QueueState.WAITING)
    await decide_first_come(context, call)
