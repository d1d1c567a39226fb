"""Lookup of the case or call that an id belongs to."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlmodel import col

from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DecisionRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


class LookupView(BaseModel):
    application_id: UUID | None
    call_id: UUID
    region: str
    kind: Literal["application", "call", "assignment", "award", "voucher"]


async def look_up(context: Context, ref: str) -> LookupView:
    """By the id of an application, call, assignment, award or voucher. `NotFound` unknown-reference."""
    try:
        found = await _find(context, UUID(ref.strip()))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("unknown-reference", "Nothing has this reference.", field="ref")
    authorise(context.actor, Permission.READ_HISTORY, region=found.region)
    return found


async def _find(context: Context, key: UUID) -> LookupView | None:
    if call := await context.session.get(CallRow, key):
        return LookupView(application_id=None, call_id=key, region=call.region, kind="call")
    if case := await context.session.get(CaseRow, key):
        return LookupView(application_id=key, call_id=case.call_id, region=case.region, kind="application")
    if assignment := await context.session.get(AssignmentRow, key):
        return LookupView(application_id=assignment.application_id, call_id=assignment.call_id, region=assignment.region, kind="assignment")
    query = select(DecisionRow).where(or_(col(DecisionRow.award_id) == key, col(DecisionRow.voucher_id) == key))
    decision = (await context.session.scalars(query)).one_or_none()
    if decision is None:
        return None
    case = await context.session.get_one(CaseRow, decision.application_id)
    kind = "award" if decision.award_id == key else "voucher"
    return LookupView(application_id=case.application_id, call_id=case.call_id, region=case.region, kind=kind)
