"""ApplicationSubmitted: puts the application into the queue of its call."""

from services.evaluation.domain.states import QueueState
from services.evaluation.locks import lock_call
from services.evaluation.steps.conflicts import keep_tied_evaluators_off
from services.evaluation.steps.first_come import decide_first_come, record_queue_state, record_request
from shared.contracts.applications import ApplicationSubmitted
from shared.messaging.context import Context


async def record_submission(context: Context, event: ApplicationSubmitted) -> None:
    """The first submission, and a correction by which the application lost its place; other corrections do not change the
    position, but may ask for less."""
    call = await lock_call(context, event.call_id)
    if event.revision != 1 and event.previous_sequence is None:
        await record_request(context, call, event.application_id, event.sequence, event.organisation_id, event.requested_minor)
        return
    if call.submitted is not None:
        call.submitted = max(call.submitted, event.sequence)
    if event.previous_sequence is not None:
        await record_queue_state(context, call, event.application_id, event.previous_sequence, QueueState.MOVED)
    await record_queue_state(context, call, event.application_id, event.sequence, QueueState.WAITING)
    await record_request(context, call, event.application_id, event.sequence, event.organisation_id, event.requested_minor)
    await decide_first_come(context, call)
    await keep_tied_evaluators_off(context, call)
