"""An evaluator declares, before seeing who applies, whether there is a conflict of interest."""

from uuid import UUID

from services.evaluation.locks import lock_own_assignment
from services.evaluation.steps.assignment import assign_evaluators
from services.evaluation.steps.recusal import recuse
from services.evaluation.tables import AssignmentRow
from shared.contracts.evaluation import EvaluatorDeclared
from shared.identity.duties import Duty
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def declare_interest(context: Context, assignment_id: UUID, *, conflict: bool, kind: str | None) -> AssignmentRow:
    """The assignment. A conflict may be declared until the decisions of the call go out, and sets a submitted sheet aside; the same
    declaration again changes nothing.

    `Conflict` already-scored or assignment-closed; `Forbidden` incompatible-step for who took a step of the call that does not go with
    scoring, and declares none.
    """
    call, assignment = await lock_own_assignment(context, assignment_id)
    if assignment.state == (AssignmentState.RECUSED if conflict else AssignmentState.DECLARED):
        return assignment
    if assignment.state == AssignmentState.SCORED and (not conflict or call.appeals_over_at is not None):
        raise Conflict("already-scored", "You have submitted your score sheet; it cannot be changed. Contact an officer if it is wrong.")
    if assignment.state in (AssignmentState.RECUSED, AssignmentState.VOID):
        raise Conflict("assignment-closed", "This assignment has ended.")
    if not conflict:  # from then on the file is open to the evaluator
        await take_part(context, Duty.SCORE, assignment.application_id, call_id=call.id)
    assignment.declared_at = context.now
    if conflict:  # also of a submitted sheet, which is set aside then
        await recuse(context, call, assignment, kind=kind, reason="conflict-declared")
        await assign_evaluators(context, call, reason="recusal")
    else:
        assignment.state = AssignmentState.DECLARED
        event = EvaluatorDeclared(
            application_id=assignment.application_id,
            call_id=call.id,
            region=call.region,
            assignment_id=assignment.id,
            evaluator_id=assignment.evaluator_id,
        )
        publish(context, event, reason="no-conflict", policy_id=call.policy_id)
    return assignment
