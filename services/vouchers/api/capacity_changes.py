"""/capacity-changes: more hours or places for a call, under two persons"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.vouchers.api.dependencies import CapacityChanger, VoucherListReader, VoucherManager
from services.vouchers.api.schemas import CapacityChangeInput, CapacityDecisionInput
from services.vouchers.commands.propose_capacity_change import decide_capacity_change, propose_capacity_change, take_back_capacity_change
from services.vouchers.queries import capacity_changes
from services.vouchers.queries.capacity_changes import CHANGES, CapacityChangeFilter, CapacityChangeView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("capacity-changes")


@router.post("/calls/{call_id}/capacity/changes", status_code=201)
async def post_call_capacity_change(context: VoucherManager, call_id: UUID, body: CapacityChangeInput) -> CapacityChangeView:
    """Proposes it. Nothing is given before finance has confirmed it."""
    return CapacityChangeView.of(await propose_capacity_change(context, call_id, body.vouchers, body.reason))


@router.get("/capacity-changes")
async def list_capacity_changes(
    context: VoucherListReader, paging: Annotated[Paging, Depends(CHANGES)], wanted: Annotated[CapacityChangeFilter, Query()]
) -> Page[CapacityChangeView]:
    return await capacity_changes.list_capacity_changes(context, paging, wanted)


@router.post("/capacity-changes/{change_id}/decision")
async def post_capacity_change_decision(context: CapacityChanger, change_id: UUID, body: CapacityDecisionInput) -> CapacityChangeView:
    """Finance confirms or refuses it."""
    return CapacityChangeView.of(await decide_capacity_change(context, change_id, confirmed=body.confirmed))


@router.post("/capacity-changes/{change_id}/withdrawal")
async def post_capacity_change_withdrawal(context: VoucherManager, change_id: UUID) -> CapacityChangeView:
    """An officer takes it back."""
    return CapacityChangeView.of(await take_back_capacity_change(context, change_id))
