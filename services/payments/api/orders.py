"""/orders: a service ordered with a voucher of a provider in the catalogue, from the order to the confirmed delivery"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import ClaimLodger, OpenClaims, OrderReader, OrderServer
from services.payments.api.order_schemas import ConfirmationInput, OrderInput, OrderReasonInput, RedemptionInput
from services.payments.commands.accept_order import accept_order
from services.payments.commands.cancel_order import cancel_order
from services.payments.commands.confirm_order import confirm_order
from services.payments.commands.decline_order import decline_order
from services.payments.commands.invoice_order import invoice_order
from services.payments.commands.lodge_claim_draft import lodge_claim_draft
from services.payments.commands.object_to_order import object_to_order
from services.payments.commands.place_order import NewOrder, place_order
from services.payments.commands.redeem_order import redeem_order
from services.payments.queries import orders
from services.payments.queries.order_views import OrderView
from services.payments.queries.orders import OrderFilter
from services.payments.queries.orders import get_order as order_view
from shared.messaging.context import Context
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.idempotency import IdempotencyKey, once
from shared.web.paging import Page, Paging

router = api_router("orders")
ONE = "/orders/{order_id}"


@router.post("/orders", status_code=201)
async def post_order(context: ClaimLodger, body: OrderInput, key: IdempotencyKey) -> OrderView:
    """By the beneficiary. The provider is refused where it is related to the beneficiary, or not in the catalogue for the service."""
    new = NewOrder(**body.model_dump())

    async def place() -> UUID:
        return (await place_order(context, new)).id

    return await order_view(context, await once(context, key, "POST /orders", body, place))


@router.get("/orders")
async def list_orders(
    context: OrderReader, paging: Annotated[Paging, Depends(orders.ORDERS)], wanted: Annotated[OrderFilter, Query()]
) -> Page[OrderView]:
    return await orders.list_orders(context, paging, wanted)


@router.get(ONE)
async def get_order(context: OrderReader, order_id: UUID) -> OrderView:
    return await order_view(context, order_id)


@router.post(ONE + "/acceptance")
async def post_order_acceptance(context: OrderServer, order_id: UUID) -> OrderView:
    """By the provider. Repeating changes nothing."""
    await accept_order(context, order_id)
    return await _shown(context, order_id)


@router.post(ONE + "/refusal")
async def post_order_refusal(context: OrderServer, order_id: UUID, body: OrderReasonInput) -> OrderView:
    """By the provider; the voucher is free for another order."""
    await decline_order(context, order_id, body.reason)
    return await _shown(context, order_id)


@router.post(ONE + "/cancellation")
async def post_order_cancellation(context: ClaimLodger, order_id: UUID) -> OrderView:
    """By the beneficiary, before it is delivered. Repeating changes nothing."""
    await cancel_order(context, order_id)
    return await _shown(context, order_id)


@router.post(ONE + "/redemption")
async def post_order_redemption(context: OrderServer, order_id: UUID, body: RedemptionInput) -> OrderView:
    """By the provider, with the code of the voucher. It writes the invoices in the draft of the claim then (`/claim-drafts`)."""
    await redeem_order(context, order_id, body.code)
    return await _shown(context, order_id)


@router.post(ONE + "/invoice")
async def post_order_invoice(context: OrderServer, order_id: UUID) -> OrderView:
    """By the provider: its invoices go to the beneficiary. Repeating changes nothing."""
    await invoice_order(context, order_id)
    return await _shown(context, order_id)


@router.post(ONE + "/objection")
async def post_order_objection(context: ClaimLodger, order_id: UUID, body: OrderReasonInput) -> OrderView:
    """By the beneficiary; the provider corrects the invoices and sends them again."""
    await object_to_order(context, order_id, body.reason)
    return await _shown(context, order_id)


@router.post(ONE + "/confirmation")
async def post_order_confirmation(
    context: ClaimLodger, order_id: UUID, body: ConfirmationInput, hash_key: HashKey, most: OpenClaims
) -> OrderView:
    """By the beneficiary: the delivery is in order, and the claim with its invoices is lodged, to be paid to the provider."""
    await lodge_claim_draft(context, await confirm_order(context, order_id, body.vat_recoverable), hash_key, most)
    return await _shown(context, order_id)


async def _shown(context: Context, order_id: UUID) -> OrderView:
    await context.session.flush()
    return await order_view(context, order_id)
