"""An officer who scored nothing in the call approves its list."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.steps.listing import active_cases, is_ready, listing_of
from services.evaluation.steps.ranking import put_in_force
from services.evaluation.tables import AssignmentRow, CallRow, RankingRow
from shared.identity.permissions import Permission, authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def approve_ranking(context: Context, call_id: UUID, list_hash: str) -> RankingRow:
    """`list_hash` says which list the officer has read: another one, after a withdrawal say, is not approved unseen.

    `Conflict` no-list, already-approved, not-ready or list-changed; `Forbidden` approver-scored.
    """
    region = (await context.session.get_one(CallRow, call_id)).region
    authorise(context.actor, Permission.APPROVE_RANKING, region=region)
    call = await lock_call(context, call_id)
    if call.selection_method == "first-come":
        raise Conflict("no-list", "In this call the earlier application goes first; there is no list to approve.")
    if await context.session.get(RankingRow, call_id) is not None:
        raise Conflict("already-approved", "This list has been approved.")
    scorers = select(col(AssignmentRow.evaluator_id)).where(col(AssignmentRow.call_id) == call_id, col(AssignmentRow.state) == "scored")
    require_distinct(context.actor.id, set((await context.session.scalars(scorers)).all()), "approver-scored")
    cases = await active_cases(context, call)
    if not is_ready(call, cases):
        raise Conflict("not-ready", "Some applications are not screened or evaluated yet.")
    listing = await listing_of(context, call, cases)
    if listing.hash() != list_hash:
        raise Conflict("list-changed", "The list has changed since you read it.", field="list_hash")
    return await put_in_force(context, call, listing, reason="list-approved")
