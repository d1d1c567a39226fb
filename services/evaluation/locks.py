"""The one lock of this service: the row of the call. A transaction that holds it is alone with the call's cases, list and decisions."""

from uuid import UUID

from services.evaluation.tables import AssignmentRow, CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Forbidden, NotYet
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context


async def lock_call(context: Context, call_id: UUID) -> CallRow:
    """The call, locked and then read. `NotYet` when CallPublished has not arrived."""
    call = await context.session.get(CallRow, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise NotYet(call_id, "the call is not known yet")
    return call


async def lock_assignment(context: Context, assignment_id: UUID) -> tuple[CallRow, AssignmentRow]:
    """An assignment and its call, locked. The caller authorises."""
    assignment = await context.session.get_one(AssignmentRow, assignment_id)
    call = await lock_call(context, assignment.call_id)
    await context.session.refresh(assignment)
    return call, assignment


async def own_assignment(context: Context, assignment_id: UUID, *, lock: bool = False) -> AssignmentRow:
    """For the evaluator who holds it. `Forbidden` not-assigned for any other actor."""
    assignment = await context.session.get_one(AssignmentRow, assignment_id, with_for_update=lock or None)
    authorise(context.actor, Permission.EVALUATE, region=assignment.region)
    if assignment.evaluator_id != context.actor.id:
        raise Forbidden("not-assigned", "This application is not assigned to you.")
    return assignment


async def lock_own_assignment(context: Context, assignment_id: UUID) -> tuple[CallRow, AssignmentRow]:
    """An assignment and its call, locked, for the evaluator who holds it. `Forbidden` not-assigned for any other actor."""
    assignment = await own_assignment(context, assignment_id)
    call = await lock_call(context, assignment.call_id)
    await context.session.refresh(assignment)
    return call, assignment


def check_open(state: str) -> None:
    """`Conflict` unless the sheet may be written."""
    if state == AssignmentState.SCORED:
        raise Conflict("already-scored", "You have submitted your score sheet; it cannot be changed. Contact an officer if it is wrong.")
    if state == AssignmentState.ASSIGNED:
        raise Conflict("not-declared", "First declare whether you have a conflict of interest.")
    if state != AssignmentState.DECLARED:
        raise Conflict("assignment-closed", "This assignment has ended.")
