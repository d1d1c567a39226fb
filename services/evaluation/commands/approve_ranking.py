"""An officer who took no other part in the call approves its list."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.appeals import list_is_revised, revision_reason
from services.evaluation.domain.states import AppealState
from services.evaluation.locks import lock_call
from services.evaluation.queries.appeals import appeal_states
from services.evaluation.queries.listing import active_cases, is_complete, listing_of
from services.evaluation.queries.randomness import awaits_randomness
from services.evaluation.steps.ranking import put_ranking_in_force
from services.evaluation.steps.revision import put_revision_in_force
from services.evaluation.tables import AssignmentRow, CallRow, RankingRow, RevisedRankingRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import evaluator_subject
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def approve_ranking(context: Context, call_id: UUID, *, list_hash: str) -> RankingRow | RevisedRankingRow:
    """`list_hash` is the hash of the list that the officer has read, so that a list changed since then is not approved unseen.

    After appeals were upheld, or a conflict of interest was found, the list of the cases scored again takes the place of the approved one.

    `Conflict` no-list, already-approved, appeals-open, list-not-complete, randomness-missing or list-changed; `Forbidden`
    incompatible-step.
    """
    region = (await context.session.get_one(CallRow, call_id)).region
    authorise(context.actor, Permission.APPROVE_RANKING, region=region)
    call = await lock_call(context, call_id)
    if call.selection_method == SelectionMethod.FIRST_COME:
        raise Conflict("no-list", "In this call the earlier application goes first; there is no list to approve.")
    is_approved = await context.session.get(RankingRow, call_id) is not None
    states = await appeal_states(context, call)
    if is_approved and not list_is_revised(states, call.revision_since):
        raise Conflict("already-approved", "This list has been approved.")
    await take_part(context, Duty.DECIDE, *await _registered_evaluators(context, call), call_id=call.id)
    if AppealState.LODGED in states:
        raise Conflict("appeals-open", "An appeal against this list is not decided yet.")
    cases = await active_cases(context, call)
    if not is_complete(call, cases):
        raise Conflict("list-not-complete", "Some applications are not screened or evaluated yet.")
    if await awaits_randomness(context, call):
        raise Conflict("randomness-missing", "The public randomness for the draw of this call is not recorded yet.")
    listing = await listing_of(context, call, cases)
    if listing.hash() != list_hash:
        raise Conflict("list-changed", "The list has changed since you read it.", field="list_hash")
    if is_approved:
        return await put_revision_in_force(context, call, listing, reason=revision_reason(call.revision_since))
    return await put_ranking_in_force(context, call, listing, reason="list-approved")


async def _registered_evaluators(context: Context, call: CallRow) -> list[UUID]:
    query = select(col(AssignmentRow.evaluator_id)).where(col(AssignmentRow.call_id) == call.id).distinct()
    return [evaluator_subject(call.region, evaluator) for evaluator in await context.session.scalars(query)]
