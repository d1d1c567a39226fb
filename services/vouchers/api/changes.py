"""/changes: what beneficiaries ask to change, decided by an officer"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.vouchers.api.dependencies import ChangeRequester, VoucherManager, VoucherReader
from services.vouchers.api.schemas import ChangeDecisionInput, ChangeInput
from services.vouchers.commands.decide_change import decide_change
from services.vouchers.commands.request_change import request_change
from services.vouchers.queries import changes
from services.vouchers.queries.changes import ChangeFilter
from services.vouchers.queries.views import ChangeView
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.paging import Page, Paging

router = api_router("changes")
view = ChangeView.model_validate


@router.post("/vouchers/{voucher_id}/changes", status_code=201)
async def post_voucher_change(context: ChangeRequester, voucher_id: UUID, body: ChangeInput, hash_key: HashKey) -> ChangeView:
    return view(await request_change(context, voucher_id, body.wish(hash_key), body.explanation))


@router.get("/changes")
async def list_changes(
    context: VoucherReader, paging: Annotated[Paging, Depends(changes.CHANGES)], wanted: Annotated[ChangeFilter, Query()]
) -> Page[ChangeView]:
    return await changes.list_changes(context, paging, wanted)


@router.get("/changes/{change_id}")
async def get_change(context: VoucherReader, change_id: UUID) -> ChangeView:
    return await changes.read_change(context, change_id)


@router.post("/changes/{change_id}/decision")
async def post_change_decision(context: VoucherManager, change_id: UUID, body: ChangeDecisionInput) -> ChangeView:
    return view(await decide_change(context, change_id, granted=body.granted, reason=body.reason))
