"""/vouchers: a voucher as payments knows it"""

from uuid import UUID

from services.payments.api.dependencies import ClaimLodger, OpenClaims, VoucherReader
from services.payments.api.schemas import AdvanceInput
from services.payments.commands.request_advance import WantedAdvance, request_advance
from services.payments.domain.instalments import Guarantee
from services.payments.queries import vouchers
from services.payments.queries.beneficiary_views import OwnPaymentView
from services.payments.queries.claim_views import ClaimView, InstalmentsView
from services.payments.queries.claims import get_claim
from services.payments.queries.instalments import get_instalments
from services.payments.queries.own_payments import list_own_payments
from services.payments.queries.views import VoucherView
from shared.web.auth import api_router
from shared.web.idempotency import IdempotencyKey, once
from shared.web.language import Language

router = api_router("vouchers")


@router.get("/vouchers/{voucher_id}")
async def get_voucher(context: VoucherReader, voucher_id: UUID) -> VoucherView:
    return await vouchers.get_voucher(context, voucher_id)


@router.get("/vouchers/{voucher_id}/payments")
async def list_voucher_payments(context: VoucherReader, voucher_id: UUID, language: Language) -> list[OwnPaymentView]:
    """The payments on the voucher, in order, as its beneficiary sees them: who has each now, and what the bank said, in words."""
    return await list_own_payments(context, voucher_id, language)


@router.get("/vouchers/{voucher_id}/instalments")
async def get_voucher_instalments(context: VoucherReader, voucher_id: UUID) -> InstalmentsView:
    """What is paid before the first claim, and what is kept until the final report."""
    return await get_instalments(context, voucher_id)


@router.post("/vouchers/{voucher_id}/advance", status_code=201)
async def post_voucher_advance(
    context: ClaimLodger, voucher_id: UUID, body: AdvanceInput, key: IdempotencyKey, most: OpenClaims
) -> ClaimView:
    """Asks for an advance, as a claim that an officer checks."""
    one = body.guarantee
    given = None if one is None else Guarantee(one.reference, one.amount_minor, one.valid_until)
    wanted = WantedAdvance(voucher_id, body.payee_id, body.requested_minor, given)

    async def ask() -> UUID:
        return (await request_advance(context, wanted, most)).id

    return await get_claim(context, await once(context, key, f"POST /vouchers/{voucher_id}/advance", body, ask))
