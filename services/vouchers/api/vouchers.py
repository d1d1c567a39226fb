"""Vouchers: lists, one of them, and what people do to it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.extend_voucher import extend_voucher
from services.vouchers.commands.stop_voucher import revoke_voucher, withdraw_voucher
from services.vouchers.commands.suspend_voucher import resume_voucher, suspend_voucher
from services.vouchers.domain.stages import Stage, standing_of
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.queries import vouchers as queries
from services.vouchers.queries.views import ExtensionRequest, ExtensionView, Lifecycle, Reason, Reference, VoucherDetail, VoucherView
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging, page_of

router = api_router("vouchers")
view = VoucherView.model_validate

Reader = Annotated[Context, requires(Permission.READ_VOUCHER)]
Answering = Annotated[Context, requires(Permission.ANSWER_OFFER)]
Withdrawing = Annotated[Context, requires(Permission.WITHDRAW)]
Manager = Annotated[Context, requires(Permission.MANAGE_VOUCHER)]


@router.get("/vouchers")
async def list_vouchers(
    context: Reader,
    paging: Annotated[Paging, Depends(queries.VOUCHERS)],
    region: str | None = None,
    state: Stage | None = None,
    call_id: UUID | None = None,
    application_id: UUID | None = None,
) -> Page[VoucherView]:
    query = queries.list_vouchers(context.actor, region=region, state=state, call_id=call_id, application_id=application_id)
    return await page_of(context.session, query, paging, view)


@router.get("/vouchers/by-code/{code}")
async def read_by_code(context: Reader, code: str) -> VoucherView:
    return view(await queries.read_by_code(context, code))


@router.get("/vouchers/{voucher_id}")
async def read_voucher(context: Reader, voucher_id: UUID) -> VoucherDetail:
    row = await queries.read_voucher(context, voucher_id)
    history = [ExtensionView.model_validate(extension) for extension in await queries.extensions_of(context, voucher_id)]
    return VoucherDetail(**view(row).model_dump(), history=history)


@router.get("/vouchers/{voucher_id}/lifecycle")
async def read_lifecycle(context: Reader, request: Request, voucher_id: UUID) -> Lifecycle:
    """Asks the running workflow; when it has ended, or does not answer, the voucher's row is asked. Whether the voucher is suspended is
    always the row's word: a workflow that waits for the settlement does not look up for it."""
    row = await queries.read_voucher(context, voucher_id)
    lifecycles: Lifecycles = request.app.state.lifecycles
    live = None if row.state == Stage.CLOSED else await lifecycles.standing(row.award_id)
    standing = standing_of(live.stage, live.until, row.suspended, live.overdue_since) if live else queries.recorded_standing(row)
    return Lifecycle(**standing.model_dump(), voucher_id=voucher_id, source="workflow" if live else "record")


@router.post("/vouchers/{voucher_id}/acceptance")
async def accept(context: Answering, voucher_id: UUID) -> VoucherView:
    return view(await answer_offer(context, voucher_id, accept=True))


@router.post("/vouchers/{voucher_id}/decline")
async def decline(context: Answering, voucher_id: UUID) -> VoucherView:
    return view(await answer_offer(context, voucher_id, accept=False))


@router.post("/vouchers/{voucher_id}/withdrawal")
async def withdraw(context: Withdrawing, voucher_id: UUID, body: Reason) -> VoucherView:
    return view(await withdraw_voucher(context, voucher_id, body.reason))


@router.post("/vouchers/{voucher_id}/extension")
async def extend(context: Manager, voucher_id: UUID, body: ExtensionRequest) -> VoucherView:
    row = await extend_voucher(context, voucher_id, body.valid_until, body.reason)
    return view(row)


@router.post("/vouchers/{voucher_id}/suspension")
async def suspend(context: Manager, voucher_id: UUID, body: Reason) -> VoucherView:
    return view(await suspend_voucher(context, voucher_id, body.reason))


@router.post("/vouchers/{voucher_id}/resumption")
async def resume(context: Manager, voucher_id: UUID, body: Reason) -> VoucherView:
    return view(await resume_voucher(context, voucher_id, body.reason))


@router.post("/vouchers/{voucher_id}/revocation")
async def revoke(context: Manager, voucher_id: UUID, body: Reason) -> VoucherView:
    return view(await revoke_voucher(context, voucher_id, body.reason))


@router.get("/lookup")
async def look_up(context: Annotated[Context, requires(Permission.READ_HISTORY)], ref: str) -> Reference:
    """Any id or code that this service owns: voucher, award, voucher code."""
    row = await queries.look_up(context, ref)
    return Reference(kind="voucher", voucher_id=row.id, **row.model_dump(include={"application_id", "call_id", "region"}))
