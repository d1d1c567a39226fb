"""What waits for evaluators, for each of them, and for officers in the evaluation."""

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.domain.states import PENDING, AppealState
from services.evaluation.queries.late import late_in, to_remind_in
from services.evaluation.tables import AppealRow, AssignmentRow, QuestionRow
from shared.contracts.common import WaitingTask
from shared.kernel.vocabulary import AssignmentState, TaskKind
from shared.messaging.context import Context

OF_STATE = {AssignmentState.ASSIGNED: TaskKind.INTERESTS_TO_DECLARE, AssignmentState.DECLARED: TaskKind.APPLICATIONS_TO_SCORE}


async def waiting_tasks(context: Context, region: str) -> list[WaitingTask]:
    """Of a region."""
    appeals = select(func.count()).where(col(AppealRow.region) == region, col(AppealRow.state) == AppealState.LODGED)
    questions = select(func.count()).where(col(QuestionRow.region) == region, col(QuestionRow.answered_at).is_(None))
    row = AssignmentRow
    late = select(func.count()).select_from(row).where(late_in(context, [region]))
    counts = {TaskKind.APPEALS: await context.session.scalar(appeals), TaskKind.QUESTIONS: await context.session.scalar(questions)}
    counts[TaskKind.LATE_EVALUATORS] = await context.session.scalar(late)
    due = select(col(row.evaluator_id), func.count()).where(to_remind_in(context, [region]))
    reminded = (await context.session.execute(due.group_by(col(row.evaluator_id)).order_by(col(row.evaluator_id)))).all()
    assignments = (
        select(col(row.evaluator_id), col(row.state), func.count())
        .where(col(row.region) == region, col(row.state).in_(PENDING))
        .group_by(col(row.evaluator_id), col(row.state))
        .order_by(col(row.evaluator_id), col(row.state))
    )
    reminders = [WaitingTask(kind=TaskKind.SHEETS_DUE, count=count, person_id=evaluator) for evaluator, count in reminded]
    return (
        [WaitingTask(kind=kind, count=count) for kind, count in counts.items() if count]
        + reminders
        + [
            WaitingTask(kind=OF_STATE[AssignmentState(state)], count=count, person_id=evaluator)
            for evaluator, state, count in (await context.session.execute(assignments)).all()
        ]
    )
