"""What waits for officers, and what an evaluator has before them and behind them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Integer, case, cast, func, literal
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.evaluation.domain.states import ACTIVE, PENDING, AppealState
from services.evaluation.queries.late import late_in
from services.evaluation.queries.seats import seats
from services.evaluation.tables import AppealRow, AssignmentRow, CallRow, CaseRow, QuestionRow
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.vocabulary import AssignmentState, SelectionMethod
from shared.messaging.context import Context
from shared.web.counts import CountView, counts_of


class DeskView(BaseModel):
    """`appeals` to decide, `questions` of evaluators without an answer, and `unassigned`: applications that wait for an evaluator, which
    nobody registered can be. `late`: assignments without a score sheet some time after their date (`escalate_after` of the policy).
    `unspent`: calls with money that is less than the next application on the reserve list asks for."""

    appeals: CountView
    questions: CountView
    unassigned: CountView
    late: CountView
    unspent: CountView


class AssignmentCountsView(BaseModel):
    """Assignments of one evaluator by state; `late`: their date has passed, and they are not scored."""

    assigned: CountView
    declared: CountView
    scored: CountView
    late: CountView


async def get_desk(context: Context, region: str | None) -> DeskView:
    """Of all regions of the actor, or of `region`."""
    regions = visible_regions(context.actor, Permission.READ_EVALUATION, region)
    appeals = select(AppealRow.id).where(col(AppealRow.region).in_(regions), col(AppealRow.state) == AppealState.LODGED)
    questions = select(QuestionRow.id).where(col(QuestionRow.region).in_(regions), col(QuestionRow.answered_at).is_(None))
    unassigned = await _unassigned(context, regions)
    unspent = select(CallRow.id).where(col(CallRow.region).in_(regions), CallRow.unspent_minor > 0)
    kinds = {"appeals": appeals, "questions": questions, "unassigned": unassigned}
    kinds |= {"late": select(AssignmentRow.id).where(late_in(context, regions)), "unspent": unspent}
    return DeskView(**await counts_of(context.session, kinds))


async def _unassigned(context: Context, regions: Collection[str]) -> SelectOfScalar[UUID]:
    """Cases of ranking calls that are screened, with fewer evaluators than their policy asks for."""
    screened = select(CallRow.id, CallRow.policy_id).where(
        col(CallRow.region).in_(regions), col(CallRow.selection_method) == SelectionMethod.RANKING, col(CallRow.complete_at).is_not(None)
    )
    calls = {call_id: context.policies.get(policy_id).evaluation for call_id, policy_id in await context.session.execute(screened)}
    wanted = {call_id: rules.evaluators_per_case for call_id, rules in calls.items() if rules}
    of_case = col(AssignmentRow.application_id) == col(CaseRow.application_id)
    held = select(func.count()).where(of_case, col(AssignmentRow.state).in_(ACTIVE)).correlate(CaseRow).scalar_subquery()
    usual: Any = case(wanted, value=col(CaseRow.call_id), else_=0) if wanted else literal(0)
    needed = seats(usual, cast(col(CaseRow.divergent), Integer))
    open_ = (col(CaseRow.completed_at).is_(None), col(CaseRow.withdrawn_at).is_(None), held < needed)
    return select(CaseRow.application_id).where(col(CaseRow.call_id).in_(wanted), *open_)


async def assignment_counts(context: Context, region: str | None) -> AssignmentCountsView:
    """The actor's own."""
    regions = visible_regions(context.actor, Permission.READ_ASSIGNMENT, region)
    state = col(AssignmentRow.state)
    mine = select(AssignmentRow.id).where(col(AssignmentRow.evaluator_id) == context.actor.id, col(AssignmentRow.region).in_(regions))
    kinds = {one.value: mine.where(state == one) for one in (*PENDING, AssignmentState.SCORED)}
    kinds["late"] = mine.where(state.in_(PENDING), col(AssignmentRow.due_at) <= context.now)
    return AssignmentCountsView(**await counts_of(context.session, kinds))
