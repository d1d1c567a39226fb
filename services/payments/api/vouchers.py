"""/vouchers: a voucher as payments knows it; /payments-to-correct: what its beneficiary has to do about its money"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payments.api.dependencies import VoucherReader
from services.payments.queries import vouchers
from services.payments.queries.beneficiary_views import OwnPaymentView
from services.payments.queries.own_payments import list_own_payments, payments_to_correct
from services.payments.queries.views import VoucherView
from shared.web.auth import api_router
from shared.web.language import Language
from shared.web.paging import MAX_LIMIT

router = api_router("vouchers")


@router.get("/vouchers/{voucher_id}")
async def get_voucher(context: VoucherReader, voucher_id: UUID) -> VoucherView:
    return await vouchers.get_voucher(context, voucher_id)


@router.get("/vouchers/{voucher_id}/payments")
async def list_voucher_payments(context: VoucherReader, voucher_id: UUID, language: Language) -> list[OwnPaymentView]:
    """The payments on the voucher, in order, as its beneficiary sees them: who has each now, and what the bank said, in words."""
    return await list_own_payments(context, voucher_id, language)


@router.get("/payments-to-correct")
async def list_payments_to_correct(
    context: VoucherReader, voucher_id: Annotated[list[UUID], Query(min_length=1, max_length=MAX_LIMIT)], language: Language
) -> list[OwnPaymentView]:
    """Of these vouchers, the payments that the bank refused or sent back, and that wait for another account of the beneficiary."""
    return await payments_to_correct(context, voucher_id, language)
