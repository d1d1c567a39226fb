"""What waits for officers, and what an evaluator has before them and behind them."""

from pydantic import BaseModel
from sqlmodel import col, select

from services.evaluation.domain.states import PENDING, AppealState
from services.evaluation.tables import AppealRow, AssignmentRow, QuestionRow
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context
from shared.web.counts import CountView, counts_of


class DeskView(BaseModel):
    """`appeals` to decide, and `questions` of evaluators without an answer."""

    appeals: CountView
    questions: CountView


class AssignmentCountsView(BaseModel):
    """Assignments of one evaluator by state; `late`: their date has passed, and they are not scored."""

    assigned: CountView
    declared: CountView
    scored: CountView
    late: CountView


async def get_desk(context: Context) -> DeskView:
    """Of all regions of the actor."""
    regions = visible_regions(context.actor, Permission.READ_EVALUATION, None)
    appeals = select(AppealRow.id).where(col(AppealRow.region).in_(regions), col(AppealRow.state) == AppealState.LODGED)
    questions = select(QuestionRow.id).where(col(QuestionRow.region).in_(regions), col(QuestionRow.answered_at).is_(None))
    return DeskView(**await counts_of(context.session, {"appeals": appeals, "questions": questions}))


async def assignment_counts(context: Context) -> AssignmentCountsView:
    """The actor's own."""
    regions = visible_regions(context.actor, Permission.READ_ASSIGNMENT, None)
    state = col(AssignmentRow.state)
    mine = select(AssignmentRow.id).where(col(AssignmentRow.evaluator_id) == context.actor.id, col(AssignmentRow.region).in_(regions))
    kinds = {one.value: mine.where(state == one) for one in (*PENDING, AssignmentState.SCORED)}
    kinds["late"] = mine.where(state.in_(PENDING), col(AssignmentRow.due_at) <= context.now)
    return AssignmentCountsView(**await counts_of(context.session, kinds))
