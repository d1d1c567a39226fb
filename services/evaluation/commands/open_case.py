"""ApplicationFoundEligible: opens the case of an application, which competes from now on."""

from services.evaluation.domain.states import QueueState
from services.evaluation.locks import lock_call
from services.evaluation.steps.conflicts import keep_tied_evaluators_off
from services.evaluation.steps.first_come import decide_first_come, record_queue_state
from services.evaluation.steps.screening import begin_evaluation_if_screened
from services.evaluation.steps.withdrawal import withdraw_case
from services.evaluation.tables import CaseRow
from shared.contracts.applications import ApplicationFoundEligible
from shared.messaging.context import Context


async def open_case(context: Context, event: ApplicationFoundEligible) -> None:
    """Opened once; found eligible again with other data of its organisation, it has these relations too. When ApplicationWithdrawn arrived
    before, the case is opened and withdrawn at once."""
    call = await lock_call(context, event.call_id)
    relations = {relation.hash for relation in event.relations}
    known = await context.session.get(CaseRow, event.application_id)
    if known is not None:
        if known.organisation_id == event.organisation_id and not relations <= set(known.relations):
            known.relations = sorted(relations | set(known.relations))
            await keep_tied_evaluators_off(context, call)
        return
    state = await record_queue_state(context, call, event.application_id, event.sequence, QueueState.ELIGIBLE)
    case = CaseRow(
        relations=sorted(relations),
        opened_at=context.now,
        **event.model_dump(exclude={"relations"}),
    )
    context.session.add(case)
    await context.session.flush()
    if state == QueueState.WITHDRAWN:
        await withdraw_case(context, call, case)
    await decide_first_come(context, call)
    await begin_evaluation_if_screened(context, call)
    await keep_tied_evaluators_off(context, call)
