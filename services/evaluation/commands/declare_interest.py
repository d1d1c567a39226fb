"""An evaluator declares, before reading the file, whether there is a conflict of interest."""

from uuid import UUID

from services.evaluation.commands.assign_evaluators import assign_evaluators
from services.evaluation.locks import lock_own_assignment
from services.evaluation.steps.recusal import recuse
from services.evaluation.tables import AssignmentRow
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def declare_interest(context: Context, assignment_id: UUID, *, conflict: bool, kind: str | None) -> AssignmentRow:
    """A conflict may be declared until the sheet is handed in. Declaring the same again changes nothing.

    `Conflict` already-scored or assignment-closed.
    """
    call, assignment = await lock_own_assignment(context, assignment_id)
    if assignment.state == ("recused" if conflict else "declared"):
        return assignment
    if assignment.state == "scored":
        raise Conflict("already-scored", "The score sheet is in; an officer has to look at this.")
    if assignment.state in ("recused", "void"):
        raise Conflict("assignment-closed", "This assignment has ended.")
    assignment.declared_at = context.now
    if conflict:
        await recuse(context, call, assignment, kind=kind, reason="conflict-declared")
        await assign_evaluators(context, call, reason="recusal")
    else:
        assignment.state = "declared"
    return assignment
