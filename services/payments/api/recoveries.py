"""Money that is asked back."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import PositiveMinor, Reason
from services.payments.commands.close_recovery import settle_recovery, write_off_recovery
from services.payments.commands.order_recovery import order_recovery
from services.payments.queries import recoveries
from services.payments.queries.recoveries import Recovery
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("recoveries", prefix="/recoveries")
Orderer = Annotated[Context, requires(Permission.ORDER_RECOVERY)]


class NewRecovery(Reason):
    voucher_id: UUID
    amount_minor: PositiveMinor


@router.post("", status_code=201)
async def post_recovery(context: Orderer, body: NewRecovery) -> Recovery:
    return Recovery.of(await order_recovery(context, body.voucher_id, body.amount_minor, body.reason))


@router.post("/{recovery_id}/settlement")
async def post_settlement(context: Orderer, recovery_id: UUID) -> Recovery:
    return Recovery.of(await settle_recovery(context, recovery_id))


@router.post("/{recovery_id}/write-off")
async def post_write_off(context: Annotated[Context, requires(Permission.WRITE_OFF)], recovery_id: UUID, body: Reason) -> Recovery:
    return Recovery.of(await write_off_recovery(context, recovery_id, body.reason))


@router.get("")
async def list_recoveries(
    context: Annotated[Context, requires(Permission.READ_PAYMENTS)],
    paging: Annotated[Paging, Depends(recoveries.RECOVERIES)],
    region: str | None = None,
    state: Literal["ordered", "settled", "written-off"] | None = None,
    voucher_id: UUID | None = None,
) -> Page[Recovery]:
    return await recoveries.list_recoveries(context, paging, region, state, voucher_id)
