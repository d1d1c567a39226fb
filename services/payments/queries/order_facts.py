"""Orders as commands need them."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import LIVE_ORDERS
from services.payments.tables import ClaimDraftRow, OrderRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def order_of_draft(context: Context, draft_id: UUID) -> OrderRow | None:
    """The order whose invoices the draft has; None for one that the beneficiary has begun itself."""
    return (await context.session.scalars(select(OrderRow).where(col(OrderRow.draft_id) == draft_id))).one_or_none()


async def has_live_order(context: Context, voucher_id: UUID) -> bool:
    row = OrderRow
    query = select(col(row.id)).where(col(row.voucher_id) == voucher_id, col(row.state).in_(LIVE_ORDERS))
    return await context.session.scalar(query.limit(1)) is not None


async def has_open_draft(context: Context, voucher_id: UUID) -> bool:
    row = ClaimDraftRow
    query = select(col(row.id)).where(col(row.voucher_id) == voucher_id, col(row.claim_id).is_(None), col(row.discarded_at).is_(None))
    return await context.session.scalar(query.limit(1)) is not None


def unknown_order() -> NotFound:
    return NotFound("unknown-order", "There is no such order.")
