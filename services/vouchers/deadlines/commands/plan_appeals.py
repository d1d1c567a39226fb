"""The time for appeals is planned when the ranking of a call is approved."""

from services.vouchers.deadlines.locks import lock_call
from services.vouchers.deadlines.steps.dates import add_call_dates
from shared.contracts.binding import require_same
from shared.contracts.evaluation import RankingApproved
from shared.kernel.vocabulary import MilestoneKind, SelectionMethod
from shared.messaging.context import Context


async def plan_appeals(context: Context, event: RankingApproved) -> None:
    """Counts from the approval, by the policy of the call. A first-come call has no ranking to appeal against.
    `NotYet` when the call is not known; `Contradiction` when it is of another region."""
    call = await lock_call(context, event.call_id)
    require_same(event, call)
    if call.selection_method == SelectionMethod.FIRST_COME or call.ranking_approved_at is not None:
        return
    call.ranking_approved_at = context.happened_at
    policy = context.policies.get(call.policy_id)
    appeals_over = policy.deadline(policy.appeal, call.ranking_approved_at)
    await add_call_dates(context, call.id, [(MilestoneKind.APPEALS_OVER, appeals_over)])
