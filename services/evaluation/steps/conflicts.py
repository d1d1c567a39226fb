"""Takes evaluators off a whole call once they are known to be tied to one of its applicants, whatever they have done there already."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.states import ACTIVE
from services.evaluation.queries.conflicts import tied_evaluators
from services.evaluation.steps.assignment import assign_evaluators
from services.evaluation.steps.recusal import recuse
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, EvaluatorRow
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def keep_tied_evaluators_off(context: Context, call: CallRow) -> None:
    """Their sheets are set aside and their seats are filled again; a list that was approved with them is revised before any decision goes
    out. Nothing before evaluators are assigned, and nothing after the decisions. The caller holds the lock on the call."""
    if call.selection_method != SelectionMethod.RANKING or call.complete_at is None or call.appeals_over_at is not None:
        return
    await context.session.flush()
    held = select(AssignmentRow).join(CaseRow, col(CaseRow.application_id) == col(AssignmentRow.application_id))
    held = held.where(col(AssignmentRow.call_id) == call.id, col(AssignmentRow.state).in_(ACTIVE), col(CaseRow.withdrawn_at).is_(None))
    assignments = (await context.session.scalars(held.order_by(col(AssignmentRow.application_id), col(AssignmentRow.seat)))).all()
    ids = {assignment.evaluator_id for assignment in assignments}
    known = select(EvaluatorRow).where(col(EvaluatorRow.region) == call.region, col(EvaluatorRow.id).in_(ids))
    tied = await tied_evaluators(context, call, (await context.session.scalars(known)).all())
    for assignment in assignments:
        if assignment.evaluator_id in tied:
            await recuse(context, call, assignment, kind=None, reason="conflict-found")
    if tied:
        await assign_evaluators(context, call, reason="conflict-found")
