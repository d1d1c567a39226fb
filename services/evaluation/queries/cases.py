"""Cases with their decisions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import col

from services.evaluation.domain.states import CaseState
from services.evaluation.queries.assignments import (
    assignment_view,
    criteria_of,
    holders_of,
    may_see_sheets,
    set_aside_of,
    set_aside_view,
    sheet_values,
    sheets_of,
)
from services.evaluation.queries.decisions import decisions_of
from services.evaluation.queries.seats import open_seats
from services.evaluation.queries.views import CaseDetail, CaseView, DecisionView, NamedSheetView
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DecisionRow, SetAsideSheetRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.policy.two_step import CHOSEN
from shared.web.paging import Page, Paging, Sorting, page_of

CASES = Sorting({"sequence": CaseRow.sequence, "opened_at": CaseRow.opened_at}, unique=CaseRow.application_id, default="sequence")


async def case_page(
    context: Context, paging: Paging, *, region: str | None, call_id: UUID | None, state: CaseState | None
) -> Page[CaseView]:
    query = select(CaseRow).where(in_scope(context.actor, Permission.READ_EVALUATION, region, CaseRow))
    if call_id is not None:
        query = query.where(col(CaseRow.call_id) == call_id)
    if state is not None:
        query = query.where(_in_state(state))
    page: Page[CaseRow] = await page_of(context.session, query, paging, lambda row: row)
    decisions = await decisions_of(context, [row.application_id for row in page.items])
    items = [case_view(row, decisions[row.application_id]) for row in page.items]
    return page.with_items(items)


async def read_case(context: Context, application_id: UUID) -> CaseDetail:
    row = await context.session.get_one(CaseRow, application_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=row.region)
    decisions = (await decisions_of(context, [application_id]))[application_id]
    call = await context.session.get_one(CallRow, row.call_id)
    rules = context.policies.get(call.policy_id).evaluation if call.selection_method == SelectionMethod.RANKING else None
    sheets = await sheets_of(context, application_id)
    shown = sheets if rules and may_see_sheets(context.actor, row.region, sheets, rules, await holders_of(context, application_id)) else []
    query = select(AssignmentRow).where(col(AssignmentRow.application_id) == application_id)
    assignments = (await context.session.scalars(query.order_by(col(AssignmentRow.seat), col(AssignmentRow.assigned_at)))).all()
    unfinished = row.completed_at is None and row.withdrawn_at is None
    return CaseDetail(
        **case_view(row, decisions).model_dump(),
        criteria_hundredths=row.criteria,
        criteria=criteria_of(rules),
        sheets=[_sheet(each) for each in shown],
        set_aside=[set_aside_view(each) for each in await _set_aside(context, row, bool(shown) or not sheets)],
        assignments=[assignment_view(context, each) for each in assignments],
        decisions=[decision_view(each) for each in decisions],
        open_seats=list(open_seats(row, rules, assignments)) if rules and unfinished else [],
    )


def case_view(row: CaseRow, decisions: Sequence[DecisionRow]) -> CaseView:
    decision = decisions[-1] if decisions else None
    known = row.model_dump(include=set(CaseView.model_fields) - {"overdue"})
    return CaseView(
        **known, state=_state(row, decision), overdue=row.overdue_at is not None, decision=decision_view(decision) if decision else None
    )


def decision_view(row: DecisionRow) -> DecisionView:
    return DecisionView.model_validate(row.model_dump(include=set(DecisionView.model_fields)))


def _state(row: CaseRow, decision: DecisionRow | None) -> CaseState:
    """An award stays in force although the application is withdrawn; the voucher's lifecycle ends it."""
    if row.withdrawn_at is not None and (decision is None or decision.outcome not in CHOSEN):
        return CaseState.WITHDRAWN
    if decision is not None:
        return CaseState(decision.outcome)
    return CaseState.EVALUATED if row.completed_at is not None else CaseState.OPEN


def _in_state(state: CaseState) -> Any:
    decided = select(DecisionRow).where(
        col(DecisionRow.application_id) == col(CaseRow.application_id), col(DecisionRow.superseded_at).is_(None)
    )
    withdrawn = col(CaseRow.withdrawn_at).is_not(None)
    if state in (CaseState.GRANTED, CaseState.INVITED):
        return decided.where(col(DecisionRow.outcome) == state).exists()
    if state == CaseState.WITHDRAWN:
        return and_(withdrawn, ~decided.where(col(DecisionRow.outcome).in_(CHOSEN)).exists())
    if state in (CaseState.RESERVE, CaseState.REFUSED):
        return and_(~withdrawn, decided.where(col(DecisionRow.outcome) == state).exists())
    completed = col(CaseRow.completed_at).is_not(None) if state == CaseState.EVALUATED else col(CaseRow.completed_at).is_(None)
    return and_(~withdrawn, ~decided.exists(), completed)


async def _set_aside(context: Context, row: CaseRow, may_see: bool) -> Sequence[SetAsideSheetRow]:
    """None for an evaluator of the case who may not see the others' sheets yet."""
    if not may_see or context.actor.id in await holders_of(context, row.application_id):
        return []
    return await set_aside_of(context, SetAsideSheetRow.application_id, row.application_id)


def _sheet(row: AssignmentRow) -> NamedSheetView:
    return NamedSheetView(**sheet_values(row, NamedSheetView), assignment_id=row.id)
