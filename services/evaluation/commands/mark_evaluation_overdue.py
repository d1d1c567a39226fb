"""MilestoneReached (evaluation-due): marks the cases that are not evaluated yet, so that officers see them first."""

from sqlalchemy import update
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.tables import CaseRow
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def mark_evaluation_overdue(context: Context, event: MilestoneReached) -> None:
    """Once, in a ranking call. Ignores a timer that was set for a date before the call was extended."""
    call = await lock_call(context, event.subject_id)
    if call.selection_method != SelectionMethod.RANKING or call.overdue_at is not None or event.due_at < call.evaluation_due_at:
        return
    late = (col(CaseRow.call_id) == call.id, col(CaseRow.completed_at).is_(None), col(CaseRow.withdrawn_at).is_(None))
    marked = await context.session.execute(
        update(CaseRow).where(*late).values(overdue_at=context.now).returning(col(CaseRow.application_id))
    )
    if marked.first() is not None or call.complete_at is None:
        call.overdue_at = context.now
