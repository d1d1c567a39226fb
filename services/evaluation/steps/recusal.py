"""Takes an evaluator off a case; only the open seat is filled again."""

from services.evaluation.domain.states import SetAside
from services.evaluation.queries.lists import list_in_force
from services.evaluation.steps.set_aside import set_sheet_aside
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow
from shared.contracts.evaluation import EvaluatorRecused
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def recuse(
    context: Context,
    call: CallRow,
    assignment: AssignmentRow,
    *,
    kind: str | None,
    reason: str,
    why: SetAside = SetAside.CONFLICT,
    words: str | None = None,
) -> None:
    """`kind` is the kind of the relation, if it was declared. A submitted sheet is set aside, for `why` and with the officer's `words`;
    where a list is in force with it, decisions wait until another list takes its place.
    The caller holds the lock on the call and assigns another evaluator."""
    if assignment.state == AssignmentState.SCORED:
        case = await context.session.get_one(CaseRow, assignment.application_id)
        await set_sheet_aside(context, assignment, case, AssignmentState.RECUSED, why, words)
        if why == SetAside.CONFLICT and await list_in_force(context, call.id) is not None:
            call.revision_since = call.revision_since or context.now
    assignment.state, assignment.conflict_kind, assignment.ended_for = AssignmentState.RECUSED, kind, reason
    event = EvaluatorRecused(
        application_id=assignment.application_id,
        call_id=call.id,
        region=call.region,
        assignment_id=assignment.id,
        evaluator_id=assignment.evaluator_id,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    await context.session.flush()
