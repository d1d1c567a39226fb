"""ApplicationFoundIneligible: the application no longer holds up the queue of its call."""

from services.evaluation.domain.states import QueueState
from services.evaluation.locks import lock_call
from services.evaluation.steps.first_come import decide_first_come, record_queue_state
from shared.contracts.applications import ApplicationFoundIneligible
from shared.messaging.context import Context


async def record_ineligible(context: Context, event: ApplicationFoundIneligible) -> None:
    call = await lock_call(context, event.call_id)
    await record_queue_state(context, call, event.application_id, event.sequence, QueueState.INELIGIBLE)
    await decide_first_come(context, call)
