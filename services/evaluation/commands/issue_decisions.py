"""MilestoneReached (appeals-over): turns the approved list into decisions, unless an appeal holds them back."""

from services.evaluation.locks import lock_call
from services.evaluation.steps.appeals import issue_decisions_unless_held
from services.evaluation.tables import RankingRow
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context


async def issue_decisions(context: Context, event: MilestoneReached) -> None:
    """Once. A call without an approved list has no appeals, so nothing happens there. `due_at` is only set by an approval, so it is
    never out of date."""
    call = await lock_call(context, event.subject_id)
    if call.appeal_term_over_at is not None or await context.session.get(RankingRow, call.id) is None:
        return
    call.appeal_term_over_at = context.now
    await issue_decisions_unless_held(context, call)
