"""ApplicationWithdrawn: the application no longer competes."""

from services.evaluation.domain.states import QueueState
from services.evaluation.locks import lock_call
from services.evaluation.steps.first_come import decide_first_come, record_queue_state
from services.evaluation.steps.ranking import put_ranking_in_force_if_complete
from services.evaluation.steps.screening import begin_evaluation_if_screened
from services.evaluation.steps.withdrawal import withdraw_case
from services.evaluation.tables import CaseRow
from shared.contracts.applications import ApplicationWithdrawn
from shared.messaging.context import Context


async def record_withdrawal(context: Context, event: ApplicationWithdrawn) -> None:
    """At every stage: before the case is open, while it is scored, listed or on the reserve list.

    An award stays in force, because the voucher's own lifecycle ends it; if it is not funded, it is not granted again.
    """
    call = await lock_call(context, event.call_id)
    await record_queue_state(context, call, event.application_id, event.sequence, QueueState.WITHDRAWN)
    case = await context.session.get(CaseRow, event.application_id)
    if case is not None and case.withdrawn_at is None:
        await withdraw_case(context, call, case)
    await decide_first_come(context, call)
    await begin_evaluation_if_screened(context, call)
    await put_ranking_in_force_if_complete(context, call)
