"""What has to be entered in the register of the member state (Regulation (EU) 2023/2831, article 6), and what is."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from services.payments.domain.state_aid import RegisterState
from services.payments.queries.views import AidEntryView
from services.payments.tables import AidApplicantRow, AidEntryRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

AID_ENTRIES = Sorting({"register_by": AidEntryRow.register_by}, unique=AidEntryRow.voucher_id, default="register_by")


_ENTERED = col(AidEntryRow.registered_minor).is_not(None)
_SAME = col(AidEntryRow.registered_minor) == col(AidEntryRow.amount_minor)
_STATES: dict[RegisterState, ColumnElement[bool]] = {
    RegisterState.DUE: and_(~_ENTERED, col(AidEntryRow.amount_minor) > 0),
    RegisterState.CHANGED: and_(_ENTERED, ~_SAME),
    RegisterState.ENTERED: and_(_ENTERED, _SAME),
}
GRANTED = col(AidEntryRow.granted_on).is_not(None)
WAITING = and_(GRANTED, or_(_STATES[RegisterState.DUE], _STATES[RegisterState.CHANGED]))


def register_state(row: AidEntryRow) -> RegisterState | None:
    """None for aid of which nothing was left before it was entered."""
    if row.registered_minor is None:
        return RegisterState.DUE if row.amount_minor else None
    return RegisterState.ENTERED if row.registered_minor == row.amount_minor else RegisterState.CHANGED


async def list_aid_entries(context: Context, paging: Paging, region: str | None, state: RegisterState | None) -> Page[AidEntryView]:
    """Of granted aid, what is due first."""
    scope = in_scope(context.actor, Permission.READ_PAYMENTS, region, AidEntryRow)
    query = select(AidEntryRow).where(scope, *(to_register(state) if state else (GRANTED,)))
    found = await page_of(context.session, query, paging, lambda row: aid_entry_view(row, context.now))
    codes = await _activity_codes(context, [one.application_id for one in found.items])
    items = [one.model_copy(update={"activity_code": codes.get(one.application_id)}) for one in found.items]
    return found.model_copy(update={"items": items})


def aid_entry_view(row: AidEntryRow, now: datetime) -> AidEntryView:
    state = register_state(row)
    overdue = state is RegisterState.DUE and row.register_by is not None and row.register_by <= now
    found = {"register_state": state, "overdue": overdue, "in_kind": row.money_of is None, "activity_code": None}
    return AidEntryView.model_validate({**row.model_dump(), **found})


async def _activity_codes(context: Context, applications: list[Any]) -> dict[Any, str | None]:
    query = select(col(AidApplicantRow.application_id), col(AidApplicantRow.activity_code))
    found = await context.session.execute(query.where(col(AidApplicantRow.application_id).in_(applications)))
    return {row.application_id: row.activity_code for row in found}


def to_register(state: RegisterState) -> tuple[ColumnElement[bool], ...]:
    """Of an entry: the aid is granted, and stands like this in the register."""
    return GRANTED, _STATES[state]


async def count_waiting(context: Context, region: str) -> int:
    """How many of the region have to be entered or changed. The caller authorises."""
    query = select(func.count()).where(col(AidEntryRow.region) == region, WAITING)
    return await context.session.scalar(query) or 0
