"""How far the evaluation of a call is: assignments by state, open seats, the load of each evaluator."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.domain.states import ACTIVE, PENDING
from services.evaluation.queries.listing import active_cases
from services.evaluation.queries.seats import evaluation_rules, open_seats
from services.evaluation.queries.views import EvaluationView, LoadView
from services.evaluation.tables import AssignmentRow, CallRow, QuestionRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import AssignmentState, SelectionMethod
from shared.messaging.context import Context


async def read_evaluation(context: Context, call_id: UUID) -> EvaluationView:
    """All numbers are 0 in a call that ranks nobody."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=call.region)
    rows = (await context.session.scalars(select(AssignmentRow).where(col(AssignmentRow.call_id) == call_id))).all()
    cases = await active_cases(context, call)
    questions = select(func.count()).where(col(QuestionRow.call_id) == call_id, col(QuestionRow.answered_at).is_(None))
    seats = 0
    if call.selection_method == SelectionMethod.RANKING and call.complete_at is not None:
        rules = evaluation_rules(context, call)
        unfinished = [case for case in cases if case.completed_at is None]
        seats = sum(len(open_seats(case, rules, [row for row in rows if row.application_id == case.application_id])) for case in unfinished)
    return EvaluationView(
        call_id=call_id,
        region=call.region,
        slug=call.slug,
        selection_method=call.selection_method,
        evaluation_due_at=call.evaluation_due_at,
        screening_completed_at=call.complete_at,
        cases=len(cases),
        evaluated=sum(case.completed_at is not None for case in cases),
        divergent=sum(case.divergent for case in cases),
        open_seats=seats,
        assignments=dict(Counter(row.state for row in rows)),
        overdue=sum(_is_late(context, row) for row in rows),
        open_questions=int(await context.session.scalar(questions) or 0),
        load=_load(context, rows),
    )


def _load(context: Context, rows: Sequence[AssignmentRow]) -> list[LoadView]:
    """The busiest first."""
    found = [
        LoadView(
            evaluator_id=evaluator,
            pending=sum(row.state in PENDING for row in own),
            scored=sum(row.state == AssignmentState.SCORED for row in own),
            overdue=sum(_is_late(context, row) for row in own),
        )
        for evaluator in {row.evaluator_id for row in rows if row.state in ACTIVE}
        for own in [[row for row in rows if row.evaluator_id == evaluator]]
    ]
    return sorted(found, key=lambda one: (-one.pending, -one.scored, one.evaluator_id))


def _is_late(context: Context, row: AssignmentRow) -> bool:
    return row.state in PENDING and context.now >= row.due_at
