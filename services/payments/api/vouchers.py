"""A voucher as payments knows it: its money, and whether claims are taken."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from services.payments.tables import VoucherRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.web.app import Session
from shared.web.auth import api_router, requires

router = api_router("vouchers")


class VoucherMoney(BaseModel):
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    state: str
    ending: str | None
    suspended: bool
    payment_mode: str | None
    currency: str
    amount_minor: int
    reserved_minor: int
    committed_minor: int
    claimed_minor: int
    paid_minor: int
    recovered_minor: int
    released_minor: int
    claims_until: datetime | None


@router.get("/vouchers/{voucher_id}")
async def read_voucher(voucher_id: UUID, session: Session, actor: Annotated[Actor, requires(Permission.READ_VOUCHER)]) -> VoucherMoney:
    voucher = await session.get(VoucherRow, voucher_id)
    if voucher is None:
        raise NotFound("unknown-voucher", "Payments has not heard of this voucher.")
    authorise(actor, Permission.READ_VOUCHER, region=voucher.region, owner=voucher.organisation_id)
    return VoucherMoney.model_validate({**voucher.model_dump(), "voucher_id": voucher.id})
