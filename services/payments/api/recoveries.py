"""/recoveries: paid money that is asked back"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import PaymentReader, RecoveryOrderer, RecoverySettler, WriteOffDecider
from services.payments.api.schemas import RecoveryInput, SettlementInput
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.settle_recovery import settle_recovery
from services.payments.commands.write_off_recovery import write_off_recovery
from services.payments.queries import recoveries
from services.payments.queries.views import RecoveryView
from shared.kernel.vocabulary import RecoveryState
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason

router = api_router("recoveries", prefix="/recoveries")


@router.post("", status_code=201)
async def post_recovery(context: RecoveryOrderer, body: RecoveryInput) -> RecoveryView:
    return RecoveryView.of(await order_recovery(context, body.voucher_id, body.amount_minor, body.reason))


@router.post("/{recovery_id}/settlement")
async def post_recovery_settlement(context: RecoverySettler, recovery_id: UUID, body: SettlementInput) -> RecoveryView:
    return RecoveryView.of(await settle_recovery(context, recovery_id, body.bank_reference))


@router.post("/{recovery_id}/write-off")
async def post_recovery_write_off(context: WriteOffDecider, recovery_id: UUID, body: Reason) -> RecoveryView:
    return RecoveryView.of(await write_off_recovery(context, recovery_id, body.reason))


@router.get("")
async def list_recoveries(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(recoveries.RECOVERIES)],
    region: str | None = None,
    state: RecoveryState | None = None,
    voucher_id: UUID | None = None,
) -> Page[RecoveryView]:
    return await recoveries.list_recoveries(context, paging, region, state, voucher_id)
