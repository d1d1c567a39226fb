"""Cases with their decisions."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import col

from services.evaluation.queries.assignments import assignment_view, holders_of, may_see_sheets, sheets_of
from services.evaluation.queries.views import CaseDetail, CaseState, CaseView, DecisionView, NamedSheetView
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DecisionRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

CASES = Sorting({"sequence": CaseRow.sequence, "opened_at": CaseRow.opened_at}, tie=CaseRow.application_id, default="sequence")


async def case_page(
    context: Context, regions: Collection[str], call_id: UUID | None, state: CaseState | None, paging: Paging
) -> Page[CaseView]:
    query = select(CaseRow).where(col(CaseRow.region).in_(regions))
    if call_id is not None:
        query = query.where(col(CaseRow.call_id) == call_id)
    if state is not None:
        query = query.where(_in_state(state))
    page: Page[CaseRow] = await page_of(context.session, query, paging, lambda row: row)
    decisions = await decisions_of(context, [row.application_id for row in page.items])
    items = [case_view(row, decisions[row.application_id]) for row in page.items]
    return page.with_items(items)


async def read_case(context: Context, application_id: UUID, now: datetime) -> CaseDetail:
    row = await context.session.get_one(CaseRow, application_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=row.region)
    decisions = (await decisions_of(context, [application_id]))[application_id]
    call = await context.session.get_one(CallRow, row.call_id)
    rules = context.policies.get(call.policy_id).evaluation if call.selection_method == "ranking" else None
    sheets = await sheets_of(context, application_id)
    shown = sheets if rules and may_see_sheets(context.actor, sheets, rules, await holders_of(context, application_id)) else []
    query = select(AssignmentRow).where(col(AssignmentRow.application_id) == application_id)
    assignments = (await context.session.scalars(query.order_by(col(AssignmentRow.seat), col(AssignmentRow.assigned_at)))).all()
    filled = {each.seat for each in assignments if each.state in ("assigned", "declared", "scored")}
    needed = rules.evaluators_per_case + row.divergent if rules and row.completed_at is None and row.withdrawn_at is None else 0
    return CaseDetail(
        **case_view(row, decisions).model_dump(),
        criteria_hundredths=row.criteria,
        sheets=[_sheet(each) for each in shown],
        assignments=[assignment_view(each, now) for each in assignments],
        decisions=[decision_view(each) for each in decisions],
        open_seats=[place for place in range(1, needed + 1) if place not in filled],
    )


async def decisions_of(context: Context, application_ids: Collection[UUID]) -> dict[UUID, list[DecisionRow]]:
    """Application → its decisions, the oldest first."""
    found: dict[UUID, list[DecisionRow]] = defaultdict(list)
    query = select(DecisionRow).where(col(DecisionRow.application_id).in_(application_ids))
    for row in await context.session.scalars(query.order_by(col(DecisionRow.number))):
        found[row.application_id].append(row)
    return found


def case_view(row: CaseRow, decisions: Sequence[DecisionRow]) -> CaseView:
    decision = decisions[-1] if decisions else None
    known = row.model_dump(include=set(CaseView.model_fields) - {"overdue"})
    return CaseView(
        **known, state=_state(row, decision), overdue=row.overdue_at is not None, decision=decision_view(decision) if decision else None
    )


def decision_view(row: DecisionRow) -> DecisionView:
    return DecisionView.model_validate(row.model_dump(include=set(DecisionView.model_fields)))


def _state(row: CaseRow, decision: DecisionRow | None) -> CaseState:
    """An award stands although the application is withdrawn; the voucher's lifecycle ends it."""
    if row.withdrawn_at is not None and (decision is None or decision.outcome != "granted"):
        return "withdrawn"
    if decision is not None:
        return decision.outcome  # type: ignore[return-value]
    return "evaluated" if row.completed_at is not None else "open"


def _in_state(state: CaseState) -> Any:
    decided = select(DecisionRow).where(
        col(DecisionRow.application_id) == col(CaseRow.application_id), col(DecisionRow.superseded_at).is_(None)
    )
    withdrawn = col(CaseRow.withdrawn_at).is_not(None)
    if state == "granted":
        return decided.where(col(DecisionRow.outcome) == "granted").exists()
    if state == "withdrawn":
        return and_(withdrawn, ~decided.where(col(DecisionRow.outcome) == "granted").exists())
    if state in ("reserve", "refused"):
        return and_(~withdrawn, decided.where(col(DecisionRow.outcome) == state).exists())
    completed = col(CaseRow.completed_at).is_not(None) if state == "evaluated" else col(CaseRow.completed_at).is_(None)
    return and_(~withdrawn, ~decided.exists(), completed)


def _sheet(row: AssignmentRow) -> NamedSheetView:
    known = row.model_dump(include=set(NamedSheetView.model_fields))
    return NamedSheetView(**known, assignment_id=row.id)
