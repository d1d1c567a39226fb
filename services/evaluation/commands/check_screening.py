"""ScreeningCompleted: once exactly the cases that it names are here, the evaluation begins."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.commands.assign_evaluators import assign_evaluators
from services.evaluation.domain.screening import holds_exactly
from services.evaluation.locks import lock_call
from services.evaluation.steps.ranking import settle_list
from services.evaluation.tables import CallRow, CaseRow
from shared.contracts.applications import ScreeningCompleted
from shared.messaging.context import Context


async def complete_screening(context: Context, event: ScreeningCompleted) -> None:
    """Keeps the count and the hash; the cases may still be on their way."""
    call = await lock_call(context, event.call_id)
    call.eligible, call.eligible_hash = event.eligible, event.eligible_hash
    await check_screening(context, call)


async def check_screening(context: Context, call: CallRow) -> None:
    """After each change to the set of cases; the caller holds the lock on the call."""
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
        await settle_list(context, call)
