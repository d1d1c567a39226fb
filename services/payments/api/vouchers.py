"""A voucher as payments knows it."""

from typing import Annotated
from uuid import UUID

from services.payments.queries import vouchers
from services.payments.queries.vouchers import VoucherMoney
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("vouchers")


@router.get("/vouchers/{voucher_id}")
async def read_voucher(context: Annotated[Context, requires(Permission.READ_VOUCHER)], voucher_id: UUID) -> VoucherMoney:
    return await vouchers.read_voucher(context, voucher_id)
