"""Providers whose approval has ended, and that have orders which they have not delivered."""

from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import col

from services.payments.domain.states import UNDELIVERED, ProviderState
from services.payments.queries.provider_facts import today_in
from services.payments.tables import OrderRow, ProviderRow
from shared.messaging.context import Context


async def lapsed_with_orders(context: Context) -> list[UUID]:
    """By the day in each region."""
    row, regions = ProviderRow, {policy.region for policy in context.policies.all()}
    over = or_(*(and_(col(row.region) == region, col(row.until) < today_in(context, region)) for region in sorted(regions)))
    waits = select(OrderRow).where(col(OrderRow.provider_id) == col(row.id), col(OrderRow.state).in_(UNDELIVERED)).exists()
    query = select(col(row.id)).where(col(row.state) == ProviderState.APPROVED, over, waits)
    return list(await context.session.scalars(query.order_by(col(row.id))))
