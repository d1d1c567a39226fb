"""An evaluator declares, before reading the file, whether there is a conflict of interest."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.commands.assign_evaluators import assign_evaluators
from services.evaluation.commands.locking import lock_own_assignment
from services.evaluation.commands.recuse import recuse
from services.evaluation.tables import AssignmentRow
from shared.identity.actor import Actor
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook


async def declare_interest(
    session: AsyncSession, cause: Cause, actor: Actor, book: PolicyBook, assignment_id: UUID, *, conflict: bool, kind: str | None
) -> AssignmentRow:
    """A conflict may be declared until the sheet is handed in. Declaring the same again changes nothing.

    `Conflict` already-scored or assignment-closed.
    """
    call, assignment = await lock_own_assignment(session, actor, assignment_id)
    if assignment.state == ("recused" if conflict else "declared"):
        return assignment
    if assignment.state == "scored":
        raise Conflict("already-scored", "The score sheet is in; an officer has to look at this.")
    if assignment.state in ("recused", "void"):
        raise Conflict("assignment-closed", "This assignment has ended.")
    assignment.declared_at = cause.now
    if conflict:
        await recuse(session, cause, call, assignment, kind=kind, reason="conflict-declared")
        await assign_evaluators(session, cause, book, call, reason="recusal")
    else:
        assignment.state = "declared"
    return assignment
