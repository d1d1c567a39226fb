"""/vouchers"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.vouchers.api.dependencies import (
    OfferAccepter,
    OfferAnswerer,
    RunningLifecycles,
    VoucherListReader,
    VoucherManager,
    VoucherReader,
    VoucherWithdrawer,
)
from services.vouchers.api.schemas import ExtensionInput
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.extend_voucher import extend_voucher
from services.vouchers.commands.revoke_voucher import revoke_voucher
from services.vouchers.commands.suspend_voucher import resume_voucher, suspend_voucher
from services.vouchers.commands.withdraw_voucher import withdraw_voucher
from services.vouchers.domain.risk import Risk
from services.vouchers.domain.stages import Stage
from services.vouchers.queries.agreement import agreement_document
from services.vouchers.queries.views import LifecycleView, VoucherDetail, VoucherView
from services.vouchers.queries.vouchers import (
    VOUCHERS,
    read_voucher,
    read_voucher_by_code,
    read_voucher_detail,
    recorded_status,
    view_of,
    voucher_list,
)
from shared.web.auth import api_router
from shared.web.documents import AS_PDF, Written
from shared.web.language import Language
from shared.web.paging import Page, Paging, page_of
from shared.web.schemas import Reason
from shared.web.uploads import Traffic

router = api_router("vouchers")


@router.get("/vouchers")
async def list_vouchers(
    context: VoucherListReader,
    paging: Annotated[Paging, Depends(VOUCHERS)],
    region: str | None = None,
    state: Stage | None = None,
    call_id: UUID | None = None,
    application_id: UUID | None = None,
    risk: Risk | None = None,
) -> Page[VoucherView]:
    """`risk`: those that an officer should look at (`domain/risk.py`)."""
    query = voucher_list(context, region=region, state=state, call_id=call_id, application_id=application_id, risk=risk)
    return await page_of(context.session, query, paging, lambda row: view_of(context, row))


@router.get("/vouchers/by-code/{code}")
async def get_voucher_by_code(context: VoucherReader, code: str) -> VoucherView:
    return view_of(context, await read_voucher_by_code(context, code))


@router.get("/vouchers/{voucher_id}")
async def get_voucher(context: VoucherReader, voucher_id: UUID) -> VoucherDetail:
    return await read_voucher_detail(context, voucher_id)


@router.get("/vouchers/{voucher_id}/agreement", response_class=Response, responses=AS_PDF)
async def get_voucher_agreement(context: VoucherReader, voucher_id: UUID, language: Language, traffic: Traffic) -> Response:
    """The terms of the offer as PDF/UA-1, in the language of Accept-Language, with their SHA-256; after the acceptance also the one that it
    recorded."""
    return Written(await agreement_document(context, voucher_id, language), traffic.memory)


@router.get("/vouchers/{voucher_id}/lifecycle")
async def get_voucher_lifecycle(context: VoucherReader, lifecycles: RunningLifecycles, voucher_id: UUID) -> LifecycleView:
    """By the voucher's row, in which a step stands as soon as it is taken. `source` is `workflow` when the running workflow says the same
    stage: it answers no query while one of its steps runs, and not after its end."""
    row = await read_voucher(context, voucher_id)
    status = recorded_status(row)
    live = None if row.state == Stage.CLOSED else await lifecycles.status(row.award_id)
    confirmed = live is not None and live.stage is status.stage
    return LifecycleView(**status.model_dump(), voucher_id=voucher_id, source="workflow" if confirmed else "record")


@router.post("/vouchers/{voucher_id}/acceptance")
async def post_voucher_acceptance(context: OfferAccepter, voucher_id: UUID) -> VoucherView:
    return view_of(context, await answer_offer(context, voucher_id, accept=True))


@router.post("/vouchers/{voucher_id}/decline")
async def post_voucher_decline(context: OfferAnswerer, voucher_id: UUID) -> VoucherView:
    return view_of(context, await answer_offer(context, voucher_id, accept=False))


@router.post("/vouchers/{voucher_id}/withdrawal")
async def post_voucher_withdrawal(context: VoucherWithdrawer, voucher_id: UUID, body: Reason) -> VoucherView:
    return view_of(context, await withdraw_voucher(context, voucher_id, reason=body.reason))


@router.post("/vouchers/{voucher_id}/extension")
async def post_voucher_extension(context: VoucherManager, voucher_id: UUID, body: ExtensionInput) -> VoucherView:
    return view_of(context, await extend_voucher(context, voucher_id, until=body.valid_until, reason=body.reason))


@router.post("/vouchers/{voucher_id}/suspension")
async def post_voucher_suspension(context: VoucherManager, voucher_id: UUID, body: Reason) -> VoucherView:
    return view_of(context, await suspend_voucher(context, voucher_id, reason=body.reason))


@router.post("/vouchers/{voucher_id}/resumption")
async def post_voucher_resumption(context: VoucherManager, voucher_id: UUID, body: Reason) -> VoucherView:
    return view_of(context, await resume_voucher(context, voucher_id, reason=body.reason))


@router.post("/vouchers/{voucher_id}/revocation")
async def post_voucher_revocation(context: VoucherManager, voucher_id: UUID, body: Reason) -> VoucherView:
    return view_of(context, await revoke_voucher(context, voucher_id, reason=body.reason))
