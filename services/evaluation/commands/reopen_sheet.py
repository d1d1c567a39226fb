"""An officer opens a submitted score sheet again, with a reason; the sheet as it was is kept."""

from uuid import UUID

from services.evaluation.domain.states import SetAside
from services.evaluation.locks import lock_assignment
from services.evaluation.queries.lists import list_in_force
from services.evaluation.steps.set_aside import set_sheet_aside
from services.evaluation.tables import AssignmentRow, CaseRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def reopen_sheet(context: Context, assignment_id: UUID, *, reason: str) -> AssignmentRow:
    """The evaluator gets the sheet back as a draft, and the case has no result until it is submitted again. An open sheet changes nothing.

    `Conflict` not-scored, list-in-force; `Forbidden` incompatible-step: who opened a sheet does not approve the list.
    """
    call, assignment = await lock_assignment(context, assignment_id)
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=assignment.region)
    if assignment.state == AssignmentState.DECLARED and assignment.sheets_set_aside:
        return assignment
    await take_unpublished_part(context, Duty.ASSIGN_EVALUATOR, assignment.application_id, call_id=call.id)
    if assignment.state != AssignmentState.SCORED:
        raise Conflict("not-scored", "This score sheet is not submitted.")
    case = await context.session.get_one(CaseRow, assignment.application_id)
    if case.withdrawn_at is not None or (case.completed_at is not None and await list_in_force(context, call.id) is not None):
        raise Conflict("list-in-force", "The list of this call is approved; score sheets change only after an appeal.")
    await set_sheet_aside(context, assignment, case, AssignmentState.DECLARED, SetAside.REOPENED, reason)
    return assignment
