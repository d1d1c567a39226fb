"""What of payments waits for a beneficiary: for the first page of its people."""

from collections.abc import Collection
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.payments.queries.beneficiary_views import OwnPaymentView
from services.payments.queries.claim_views import ClaimView
from services.payments.queries.claims import claim_views
from services.payments.queries.order_views import OrderView
from services.payments.queries.orders import WAITING_FOR_BENEFICIARY, order_views
from services.payments.queries.own_payments import payments_to_correct
from services.payments.tables import ClaimRow, OrderRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context

MOST = 5
"""Of each kind: what is left shows up when these are done."""


class OwnDeskView(BaseModel):
    """Payments that wait for another account, claims that came back, orders to confirm or to place again."""

    payments: list[OwnPaymentView]
    claims: list[ClaimView]
    orders: list[OrderView]


async def get_own_desk(context: Context, voucher_ids: Collection[UUID], language: str) -> OwnDeskView:
    """Of these vouchers, as far as they are of the actor's organisation; the oldest first."""
    vouchers = list(voucher_ids)
    claims = select(ClaimRow).where(
        in_scope(context.actor, Permission.READ_VOUCHER, None, ClaimRow, owner=ClaimRow.organisation_id),
        col(ClaimRow.voucher_id).in_(vouchers),
        col(ClaimRow.state) == ClaimState.RETURNED,
    )
    orders = select(OrderRow).where(
        in_scope(context.actor, Permission.READ_ORDER, None, OrderRow, owner=OrderRow.organisation_id),
        col(OrderRow.voucher_id).in_(vouchers),
        WAITING_FOR_BENEFICIARY,
    )
    returned = await context.session.scalars(claims.order_by(col(ClaimRow.lodged_at), col(ClaimRow.id)).limit(MOST))
    placed = await context.session.scalars(orders.order_by(col(OrderRow.placed_at), col(OrderRow.id)).limit(MOST))
    return OwnDeskView(
        payments=(await payments_to_correct(context, vouchers, language))[:MOST],
        claims=await claim_views(context, returned.all()),
        orders=await order_views(context, placed.all()),
    )
