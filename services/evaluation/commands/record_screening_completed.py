"""ScreeningCompleted: records how many applications are eligible, and which; the evaluation begins once they all have arrived."""

from services.evaluation.locks import lock_call
from services.evaluation.steps.screening import begin_evaluation_if_screened
from shared.contracts.applications import ScreeningCompleted
from shared.messaging.context import Context


async def record_screening_completed(context: Context, event: ScreeningCompleted) -> None:
    call = await lock_call(context, event.call_id)
    call.eligible, call.eligible_hash = event.eligible, event.eligible_hash
    await begin_evaluation_if_screened(context, call)
