"""Orders, for their two sides and for the agency."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.payments.domain.states import OrderState
from services.payments.queries.filters import matching
from services.payments.queries.order_facts import unknown_order
from services.payments.queries.order_views import OrderView
from services.payments.queries.vouchers import vouchers_by_id
from services.payments.tables import ClaimDraftRow, OrderRow, ProviderRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise, owned_by
from shared.messaging.context import Context
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

ORDERS = Sorting({"placed_at": OrderRow.placed_at}, unique=OrderRow.id, default="-placed_at")
_AGAIN = aliased(OrderRow)
WAITING_FOR_BENEFICIARY: ColumnElement[bool] = or_(
    col(OrderRow.state) == OrderState.INVOICED,
    and_(col(OrderRow.state) == OrderState.REROUTED, ~exists().where(col(_AGAIN.replaces) == col(OrderRow.id))),
)
"""The delivery is to be confirmed, or another provider to be chosen."""


class OrderFilter(BaseModel):
    """None: any. `provider_organisation_id`, `organisation_id`: of which side the caller's organisation is."""

    region: str | None = None
    voucher_id: UUID | None = None
    provider_organisation_id: UUID | None = None
    organisation_id: UUID | None = None
    state: OrderState | None = None


async def list_orders(context: Context, paging: Paging, wanted: OrderFilter) -> Page[OrderView]:
    """Those in which the own organisation is one of the two sides, or of the regions in which one may read them."""
    row, permission = OrderRow, Permission.READ_ORDER
    scope = or_(
        in_scope(context.actor, permission, wanted.region, row, owner=row.organisation_id),
        in_scope(context.actor, permission, wanted.region, row, owner=row.provider_organisation_id),
    )
    criteria = matching(
        voucher=(row.voucher_id, wanted.voucher_id), organisation=(row.organisation_id, wanted.organisation_id),
        provider=(row.provider_organisation_id, wanted.provider_organisation_id), state=(row.state, wanted.state),
    )  # fmt: skip
    page = await page_of(context.session, select(row).where(scope, *criteria), paging, lambda found: found)
    await record_access(context, permission, [(one.id, one.region) for one in page.items])
    return page.with_items(await order_views(context, page.items))


async def get_order(context: Context, order_id: UUID) -> OrderView:
    """`NotFound` 'unknown-order'; `Forbidden` for who is on neither side."""
    order = await context.session.get(OrderRow, order_id, populate_existing=True)
    if order is None:
        raise unknown_order()
    is_provider = context.actor.organisation_id == order.provider_organisation_id
    owner = order.provider_organisation_id if is_provider else order.organisation_id
    authorise(context.actor, Permission.READ_ORDER, region=order.region, owner=owned_by(owner))
    await record_access(context, Permission.READ_ORDER, [(order.id, order.region)])
    return (await order_views(context, [order]))[0]


async def order_views(context: Context, orders: Sequence[OrderRow]) -> list[OrderView]:
    if not orders:
        return []
    vouchers = await vouchers_by_id(context, [one.voucher_id for one in orders])
    query = select(ProviderRow).where(col(ProviderRow.id).in_([one.provider_id for one in orders]))
    names = {row.id: row.name for row in await context.session.scalars(query)}
    drafts = select(ClaimDraftRow).where(col(ClaimDraftRow.id).in_([one.draft_id for one in orders if one.draft_id]))
    claims = {row.id: row.claim_id for row in await context.session.scalars(drafts)}
    later = select(col(OrderRow.replaces), col(OrderRow.id)).where(col(OrderRow.replaces).in_([one.id for one in orders]))
    replaced = {row[0]: row[1] for row in await context.session.execute(later.order_by(col(OrderRow.placed_at)))}
    return [
        OrderView.model_validate(
            {
                **one.model_dump(), "order_id": one.id, "currency": vouchers[one.voucher_id].currency,
                "provider_name": names.get(one.provider_id), "claim_id": claims.get(one.draft_id) if one.draft_id else None,
                "replaced_by": replaced.get(one.id),
            }
        )
        for one in orders
    ]  # fmt: skip
