"""More hours or places for calls: proposed, and decided."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from sqlmodel import col

from services.vouchers.tables import CapacityChangeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.policy.benefit import Unit
from shared.web.paging import Page, Paging, Sorting, page_of

CHANGES = Sorting({"proposed_at": CapacityChangeRow.proposed_at}, unique=CapacityChangeRow.id, default="-proposed_at")
ChangeState = Literal["proposed", "confirmed", "rejected"]


class CapacityChangeView(BaseModel):
    """`vouchers` more for the call, which are `units` minutes or places. `rejected`: by finance, or taken back by an officer."""

    id: UUID
    call_id: UUID
    region: str
    unit: Unit
    vouchers: int
    units: int
    reason: str
    state: ChangeState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, row: CapacityChangeRow) -> Self:
        state = "proposed" if row.confirmed is None else "confirmed" if row.confirmed else "rejected"
        return cls.model_validate({**row.model_dump(), "state": state})


class CapacityChangeFilter(BaseModel):
    """None: any."""

    region: str | None = None
    call_id: UUID | None = None
    state: ChangeState | None = None


def _state_is(state: ChangeState) -> ColumnElement[bool]:
    confirmed = col(CapacityChangeRow.confirmed)
    return confirmed.is_(None) if state == "proposed" else confirmed.is_(state == "confirmed")


async def list_capacity_changes(context: Context, paging: Paging, wanted: CapacityChangeFilter) -> Page[CapacityChangeView]:
    row = CapacityChangeRow
    query = select(row).where(in_scope(context.actor, Permission.READ_VOUCHER, wanted.region, row))
    if wanted.call_id is not None:
        query = query.where(col(row.call_id) == wanted.call_id)
    if wanted.state is not None:
        query = query.where(_state_is(wanted.state))
    return await page_of(context.session, query, paging, CapacityChangeView.of)
