"""A voucher as payments knows it."""

from typing import Annotated
from uuid import UUID

from services.payments.queries import vouchers
from services.payments.queries.vouchers import VoucherMoney
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import Session
from shared.web.auth import api_router, requires

router = api_router("vouchers")


@router.get("/vouchers/{voucher_id}")
async def read_voucher(voucher_id: UUID, session: Session, actor: Annotated[Actor, requires(Permission.READ_VOUCHER)]) -> VoucherMoney:
    return await vouchers.read_voucher(session, actor, voucher_id)
