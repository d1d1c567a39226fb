"""The last day of a provider's approval has passed: what it has not delivered goes back to the beneficiaries."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.catalogue import is_over
from services.payments.locks import lock_row
from services.payments.queries.provider_facts import entry_of, today_in
from services.payments.steps.orders import reroute_orders
from services.payments.tables import ProviderRow
from shared.messaging.context import Context

OVER = "approval-over"


async def reroute_lapsed_approval(context: Context, provider_id: UUID) -> None:
    """As when it is suspended, because it can neither accept nor redeem. Its registration stays as it is. Repeating changes nothing."""
    provider = await lock_row(context, ProviderRow, col(ProviderRow.id) == provider_id)
    if provider is not None and is_over(entry_of(provider), today_in(context, provider.region)):
        await reroute_orders(context, provider, OVER)
