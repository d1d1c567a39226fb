"""The one lock of this service: the row of the call. Whoever holds it is alone with the call's cases, lists and decisions."""

from uuid import UUID

from services.evaluation.tables import AssignmentRow, CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Forbidden, NotYet
from shared.messaging.context import Context


async def lock_call(context: Context, call_id: UUID) -> CallRow:
    """The call, locked and read afresh. `NotYet` when CallPublished has not come."""
    call = await context.session.get(CallRow, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise NotYet(call_id, "the call is not known yet")
    return call


async def lock_own_assignment(context: Context, assignment_id: UUID) -> tuple[CallRow, AssignmentRow]:
    """An assignment and its call for the evaluator who holds it; `Forbidden` 'not-assigned' for everybody else."""
    assignment = await context.session.get_one(AssignmentRow, assignment_id)
    authorise(context.actor, Permission.EVALUATE, region=assignment.region)
    if assignment.evaluator_id != context.actor.id:
        raise Forbidden("not-assigned", "This application is assigned to somebody else.")
    call = await lock_call(context, assignment.call_id)
    await context.session.refresh(assignment)
    return call, assignment
