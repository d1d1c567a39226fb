"""Assignments, and the score sheets that a reader may see."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, or_, select
from sqlmodel import col

from services.evaluation.domain.scoring import threshold_hundredths
from services.evaluation.domain.states import PENDING
from services.evaluation.queries.late import late_in
from services.evaluation.queries.questions import questions_of
from services.evaluation.queries.views import AssignmentDetail, AssignmentView, CriterionView, DraftView, SetAsideView, SheetView
from services.evaluation.tables import AssignmentRow, CallRow, DraftRow, SetAsideSheetRow
from shared.database.scope import in_scope
from shared.identity.actor import Actor, Role
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import Forbidden
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context
from shared.policy.sections import Evaluation
from shared.privacy.sealed import is_erased
from shared.web.paging import Page, Paging, Sorting, page_of

_AFTER_ALL = timedelta(days=365_000)
_WAITING = case((col(AssignmentRow.state).in_(PENDING), col(AssignmentRow.due_at)), else_=col(AssignmentRow.due_at) + _AFTER_ALL)
"""What waits for its score sheet, then all else, each by its date."""
ASSIGNMENTS = Sorting(
    {"due_at": AssignmentRow.due_at, "assigned_at": AssignmentRow.assigned_at, "waiting": _WAITING},
    unique=AssignmentRow.id,
    default="due_at",
)


async def assignment_page(
    context: Context,
    paging: Paging,
    *,
    region: str | None,
    call_id: UUID | None,
    state: AssignmentState | None,
    mine: bool,
    late: bool = False,
) -> Page[AssignmentView]:
    """An evaluator sees only their own; officers and auditors see those of their regions."""
    overseen = col(AssignmentRow.region).in_(context.actor.regions_as(Role.OFFICER, Role.AUDITOR))
    own = col(AssignmentRow.evaluator_id) == context.actor.id
    query = select(AssignmentRow).where(in_scope(context.actor, Permission.READ_ASSIGNMENT, region, AssignmentRow))
    query = query.where(own if mine else or_(overseen, own))
    if call_id is not None:
        query = query.where(col(AssignmentRow.call_id) == call_id)
    if state is not None:
        query = query.where(col(AssignmentRow.state) == state)
    if late:
        query = query.where(late_in(context, visible_regions(context.actor, Permission.READ_ASSIGNMENT, region)))
    return await page_of(context.session, query, paging, lambda row: assignment_view(context, row))


async def read_assignment(context: Context, assignment_id: UUID) -> AssignmentDetail:
    """`Forbidden` not-assigned for an evaluator who does not hold it."""
    row = await context.session.get_one(AssignmentRow, assignment_id)
    authorise(context.actor, Permission.READ_ASSIGNMENT, region=row.region)
    if is_only_evaluator(context.actor, row.region) and row.evaluator_id != context.actor.id:
        raise Forbidden("not-assigned", "This application is not assigned to you.")
    return await assignment_detail(context, row)


async def assignment_detail(context: Context, row: AssignmentRow) -> AssignmentDetail:
    call = await context.session.get_one(CallRow, row.call_id)
    rules = context.policies.get(call.policy_id).evaluation
    sheets = await sheets_of(context, row.application_id)
    holders = await holders_of(context, row.application_id)
    shown = sheets if rules and may_see_sheets(context.actor, row.region, sheets, rules, holders) else []
    draft = await context.session.get(DraftRow, row.id) if row.evaluator_id == context.actor.id else None
    return AssignmentDetail(
        **assignment_view(context, row).model_dump(),
        criteria=criteria_of(rules),
        total_threshold=rules.total_threshold if rules else None,
        divergence_points=rules.divergence_points if rules else None,
        justification_min_length=rules.justification_min_length if rules else None,
        blind=bool(rules and rules.blind),
        draft=draft_view(draft) if draft and draft.content is not None else None,
        own_sheet=sheet_view(row) if row.state == AssignmentState.SCORED else None,
        colleagues=[sheet_view(sheet) for sheet in shown if sheet.id != row.id],
        set_aside=[set_aside_view(each) for each in await set_aside_of(context, SetAsideSheetRow.assignment_id, row.id)],
        questions=await questions_of(context, row.id),
    )


def may_see_sheets(actor: Actor, region: str, sheets: Sequence[AssignmentRow], rules: Evaluation, holders: Collection[str]) -> bool:
    """False for an evaluator of the case until their own sheet and all first sheets are submitted, so that no one is influenced.

    `sheets` are the submitted ones, `holders` all who were ever assigned to the case. Officers and auditors of the region may always.
    """
    if actor.id not in holders:
        return not is_only_evaluator(actor, region)
    first_submitted = {sheet.seat for sheet in sheets} >= set(range(1, rules.evaluators_per_case + 1))
    return first_submitted and any(sheet.evaluator_id == actor.id for sheet in sheets)


def is_only_evaluator(actor: Actor, region: str) -> bool:
    return not actor.roles_in(region) & {Role.OFFICER, Role.AUDITOR}


async def sheets_of(context: Context, application_id: UUID) -> Sequence[AssignmentRow]:
    scored = (col(AssignmentRow.application_id) == application_id, col(AssignmentRow.state) == AssignmentState.SCORED)
    query = select(AssignmentRow).where(*scored)
    return (await context.session.scalars(query.order_by(col(AssignmentRow.seat)))).all()


async def holders_of(context: Context, application_id: UUID) -> set[str]:
    """The evaluators who were ever assigned to the case."""
    query = select(col(AssignmentRow.evaluator_id)).where(col(AssignmentRow.application_id) == application_id)
    return set((await context.session.scalars(query)).all())


def assignment_view(context: Context, row: AssignmentRow) -> AssignmentView:
    overdue = row.state in PENDING and context.now >= row.due_at
    return AssignmentView(**row.model_dump(include=set(AssignmentView.model_fields)), overdue=overdue)


def sheet_view(row: AssignmentRow) -> SheetView:
    return SheetView.model_validate(sheet_values(row, SheetView))


def sheet_values(row: AssignmentRow | SetAsideSheetRow, view: type[SheetView]) -> dict[str, Any]:
    erased = is_erased(row)
    comment = None if erased else row.comment or ""
    justifications = None if erased else row.justifications or {}
    written = {"comment": comment, "justifications": justifications, "erased": erased}
    return row.model_dump(include=set(view.model_fields)) | written


def draft_view(row: DraftRow) -> DraftView:
    return DraftView(version=row.version, saved_at=row.saved_at, **(row.content or {}))


async def set_aside_of(context: Context, column: Any, key: UUID) -> Sequence[SetAsideSheetRow]:
    """The sheets that count no more, of an assignment or of an application; the oldest first."""
    query = select(SetAsideSheetRow).where(col(column) == key).order_by(col(SetAsideSheetRow.set_aside_at), col(SetAsideSheetRow.seat))
    return (await context.session.scalars(query)).all()


def set_aside_view(row: SetAsideSheetRow) -> SetAsideView:
    return SetAsideView.model_validate(sheet_values(row, SetAsideView))


def criteria_of(rules: Evaluation | None) -> list[CriterionView]:
    return [
        CriterionView(
            id=criterion.id,
            title=criterion.title,
            points_max=criterion.points_max,
            threshold_points_hundredths=threshold_hundredths(criterion),
            guidance=criterion.guidance or {},
        )
        for criterion in (rules.criteria if rules else ())
    ]
