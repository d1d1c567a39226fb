"""An officer gives the seat of an evaluator to another one: who does not answer, who has to go, or whose conflict was found late."""

from uuid import UUID

from services.evaluation.domain.candidates import barred_by
from services.evaluation.domain.states import ACTIVE
from services.evaluation.locks import lock_assignment
from services.evaluation.queries.candidates import case_with_evaluators
from services.evaluation.queries.lists import list_in_force
from services.evaluation.steps.assignment import assign_evaluators, place_evaluator
from services.evaluation.steps.recusal import recuse
from services.evaluation.tables import AssignmentRow, CaseRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context

CONFLICT_FOUND, REPLACED = "conflict-found", "replaced"


async def replace_evaluator(
    context: Context, assignment_id: UUID, *, why: str, successor: str | None, kind: str | None, words: str
) -> AssignmentRow:
    """The assignment that ended. `why`: replaced, before the sheet is submitted; or conflict-found, also after it: the sheet is set aside
    with the officer's `words`, and a list that was approved with it is revised before the decisions go out. `successor` takes the seat;
    without one the platform chooses, and the seat stays open if it finds nobody.

    `Conflict` assignment-closed, already-scored or list-in-force; `Refused` evaluator-barred; `Forbidden` incompatible-step.
    """
    call, assignment = await lock_assignment(context, assignment_id)
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=assignment.region)
    if assignment.state == AssignmentState.RECUSED and assignment.ended_for == why:
        return assignment
    await take_unpublished_part(context, Duty.ASSIGN_EVALUATOR, assignment.application_id, call_id=call.id)
    if assignment.state not in ACTIVE:
        raise Conflict("assignment-closed", "This assignment has ended.")
    if assignment.state == AssignmentState.SCORED and why != CONFLICT_FOUND:
        raise Conflict("sheet-submitted", "The score sheet is submitted. Open it again, or set it aside for a conflict of interest.")
    case = await context.session.get_one(CaseRow, assignment.application_id)
    late = call.appeals_over_at is not None or why != CONFLICT_FOUND
    if case.completed_at is not None and late and await list_in_force(context, call.id) is not None:
        raise Conflict("list-in-force", "The list of this call is approved; score sheets change only after an appeal.")
    if successor is not None:
        await _check(context, case, successor)
    seat = assignment.seat
    await recuse(context, call, assignment, kind=kind, reason=why, words=words)
    if successor is not None:
        await place_evaluator(context, call, case, seat, successor, reason=why)
    await assign_evaluators(context, call, reason=why)
    return assignment


async def _check(context: Context, case: CaseRow, evaluator_id: str) -> None:
    found = await case_with_evaluators(context, case)
    evaluator = next((each for each in found.evaluators if each.id == evaluator_id), None)
    if evaluator is None:
        raise Refused("unknown-evaluator", "The region has no such evaluator.", field="evaluator_id")
    rules = barred_by(evaluator, found.case, found.closed, found.tied)
    if rules:
        raise Refused("evaluator-barred", "This evaluator may not score the application: {rules}.", field="evaluator_id", rules=list(rules))
