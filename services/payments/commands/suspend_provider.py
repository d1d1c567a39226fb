"""An officer of the region takes a provider out of the catalogue for the time being."""

from uuid import UUID

from services.payments.domain.catalogue import check_step
from services.payments.domain.states import ProviderState
from services.payments.steps.orders import reroute_orders
from services.payments.steps.providers import enter, lock_provider, suspension_id
from services.payments.tables import ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def suspend_provider(context: Context, provider_id: UUID, reason: str) -> ProviderRow:
    """It takes effect at once; another officer ends it. The provider reads the reason. `Conflict` 'provider-state'."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.CHECK_PROVIDER, region=provider.region)
    check_step(provider.state, ProviderState.APPROVED)
    enter(context, provider, ProviderState.SUSPENDED, reason)
    await reroute_orders(context, provider)
    await take_unpublished_part(context, Duty.SUSPEND_PROVIDER, suspension_id(provider, provider.step), provider.id)
    return provider
