"""Money that is asked back."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends

from services.payments.api.common import PositiveMinor, Reason
from services.payments.commands.close_recovery import settle_recovery, write_off_recovery
from services.payments.commands.order_recovery import order_recovery
from services.payments.queries import recoveries
from services.payments.queries.recoveries import Recovery
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("recoveries", prefix="/recoveries")
Orderer = Annotated[Actor, requires(Permission.ORDER_RECOVERY)]


class NewRecovery(Reason):
    voucher_id: UUID
    amount_minor: PositiveMinor


@router.post("", status_code=201)
async def post_recovery(body: NewRecovery, session: Session, actor: Orderer, cause: CallerCause) -> Recovery:
    return Recovery.of(await order_recovery(session, cause, actor, body.voucher_id, body.amount_minor, body.reason))


@router.post("/{recovery_id}/settlement")
async def post_settlement(recovery_id: UUID, session: Session, actor: Orderer, cause: CallerCause) -> Recovery:
    return Recovery.of(await settle_recovery(session, cause, actor, recovery_id))


@router.post("/{recovery_id}/write-off")
async def post_write_off(
    recovery_id: UUID, body: Reason, session: Session, actor: Annotated[Actor, requires(Permission.WRITE_OFF)], cause: CallerCause
) -> Recovery:
    return Recovery.of(await write_off_recovery(session, cause, actor, recovery_id, body.reason))


@router.get("")
async def list_recoveries(
    session: Session,
    actor: Annotated[Actor, requires(Permission.READ_PAYMENTS)],
    paging: Annotated[Paging, Depends(recoveries.RECOVERIES)],
    region: str | None = None,
    state: Literal["ordered", "settled", "written-off"] | None = None,
    voucher_id: UUID | None = None,
) -> Page[Recovery]:
    return await recoveries.list_recoveries(session, actor, paging, region, state, voucher_id)
