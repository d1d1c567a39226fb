"""What of payments waits for a beneficiary: for the first page of its people."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
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


async def get_own_desk(context: Context, language: str) -> OwnDeskView:
    """Of the vouchers of the organisation that the actor acts for, the oldest first. Empty for who acts for none."""

    def owned(row: Any, permission: Permission) -> ColumnElement[bool]:
        return in_scope(context.actor, permission, None, row, owner=row.organisation_id)

    if context.actor.organisation_id is None:
        return OwnDeskView(payments=[], claims=[], orders=[])
    claims = select(ClaimRow).where(owned(ClaimRow, Permission.READ_VOUCHER), col(ClaimRow.state) == ClaimState.RETURNED)
    orders = select(OrderRow).where(owned(OrderRow, Permission.READ_ORDER), WAITING_FOR_BENEFICIARY)
    returned = await context.session.scalars(claims.order_by(col(ClaimRow.lodged_at), col(ClaimRow.id)).limit(MOST))
    placed = await context.session.scalars(orders.order_by(col(OrderRow.placed_at), col(OrderRow.id)).limit(MOST))
    return OwnDeskView(
        payments=(await payments_to_correct(context, language))[:MOST],
        claims=await claim_views(context, returned.all()),
        orders=await order_views(context, placed.all()),
    )
