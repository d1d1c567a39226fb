"""Begins the evaluation of a call once exactly the cases that ScreeningCompleted names have arrived."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.screening import holds_exactly
from services.evaluation.steps.assignment import assign_evaluators
from services.evaluation.steps.ranking import put_ranking_in_force_if_complete
from services.evaluation.tables import CallRow, CaseRow
from shared.messaging.context import Context


async def begin_evaluation_if_screened(context: Context, call: CallRow) -> None:
    """Called after each change to the set of cases. The caller holds the lock on the call."""
    if call.complete_at is not None or call.eligible is None or call.eligible_hash is None:
        return
    await context.session.flush()
    query = select(col(CaseRow.application_id), col(CaseRow.withdrawn_at)).where(col(CaseRow.call_id) == call.id)
    cases = (await context.session.execute(query)).all()
    active = [application_id for application_id, withdrawn_at in cases if withdrawn_at is None]
    withdrawn = sorted(((at, key) for key, at in cases if at is not None), reverse=True)
    if holds_exactly(active, [key for _, key in withdrawn], call.eligible, call.eligible_hash):
        call.complete_at = context.now
        await assign_evaluators(context, call, reason="screening-completed")
        await put_ranking_in_force_if_complete(context, call)
