"""Money that is asked back."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from sqlalchemy import select

from services.payments import queries
from services.payments.api.common import PositiveMinor, Reason, in_scope, matching
from services.payments.commands.close_recovery import settle_recovery, write_off_recovery
from services.payments.commands.order_recovery import order_recovery
from services.payments.tables import RecoveryRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging, page_of

router = api_router("recoveries", prefix="/recoveries")
Orderer = Annotated[Actor, requires(Permission.ORDER_RECOVERY)]


class NewRecovery(Reason):
    voucher_id: UUID
    amount_minor: PositiveMinor


class Recovery(BaseModel):
    recovery_id: UUID
    voucher_id: UUID
    region: str
    amount_minor: int
    currency: str
    state: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    closed_at: datetime | None
    closing_reason: str | None

    @classmethod
    def of(cls, row: RecoveryRow) -> "Recovery":
        return cls.model_validate({**row.model_dump(), "recovery_id": row.id})


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
    paging: Annotated[Paging, Depends(queries.RECOVERIES)],
    region: str | None = None,
    state: Literal["ordered", "settled", "written-off"] | None = None,
    voucher_id: UUID | None = None,
) -> Page[Recovery]:
    criteria = matching(state=(RecoveryRow.state, state), voucher=(RecoveryRow.voucher_id, voucher_id))
    query = select(RecoveryRow).where(*in_scope(actor, Permission.READ_PAYMENTS, region, RecoveryRow), *criteria)
    return await page_of(session, query, paging, Recovery.of)
