"""The one lock of this service: the row of the call. A transaction that holds it is alone with the call's cases, list and decisions."""

from uuid import UUID

from services.evaluation.tables import AssignmentRow, CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Forbidden, NotYet
from shared.messaging.context import Context


async def lock_call(context: Context, call_id: UUID) -> CallRow:
    """The call, locked and then read. `NotYet` when CallPublished has not arrived."""
    call = await context.session.get(CallRow, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise NotYet(call_id, "the call is not known yet")
    return call


async def lock_own_assignment(context: Context, assignment_id: UUID) -> tuple[CallRow, AssignmentRow]:
    """An assignment and its call, locked, for the evaluator who holds it. `Forbidden` not-assigned for any other actor."""
    assignment = await context.session.get_one(AssignmentRow, assignment_id)
    authorise(context.actor, Permission.EVALUATE, region=assignment.region)
    if assignment.evaluator_id != context.actor.id:
        raise Forbidden("not-assigned", "This application is not assigned to you.")
    call = await lock_call(context, assignment.call_id)
    await context.session.refresh(assignment)
    return call, assignment
