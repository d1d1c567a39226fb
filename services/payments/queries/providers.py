"""The granted changes of a voucher's provider."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.providers import ProviderChange
from services.payments.tables import ProviderChangeRow
from shared.messaging.context import Context


async def provider_changes(context: Context, voucher_id: UUID) -> list[ProviderChange]:
    """In the order in which they are in force; of two on one day, the one that was granted later counts."""
    row = ProviderChangeRow
    query = select(row).where(col(row.voucher_id) == voucher_id).order_by(col(row.since), col(row.granted_at), col(row.change_id))
    return [ProviderChange(one.provider_hash, one.since) for one in await context.session.scalars(query)]
