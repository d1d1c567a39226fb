"""/vouchers: a voucher as payments knows it"""

from uuid import UUID

from services.payments.api.dependencies import VoucherReader
from services.payments.queries import vouchers
from services.payments.queries.views import VoucherView
from shared.web.auth import api_router

router = api_router("vouchers")


@router.get("/vouchers/{voucher_id}")
async def get_voucher(context: VoucherReader, voucher_id: UUID) -> VoucherView:
    return await vouchers.get_voucher(context, voucher_id)
