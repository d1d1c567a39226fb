"""An officer of the region takes up the registration of a provider: from now on its application stays as it is."""

from uuid import UUID

from services.payments.domain.catalogue import check_step
from services.payments.domain.states import ProviderState
from services.payments.steps.providers import enter, lock_provider
from services.payments.tables import ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def begin_provider_check(context: Context, provider_id: UUID) -> ProviderRow:
    """Repeating changes nothing. `Conflict` 'provider-state'; `Forbidden` for who acted for the provider."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.CHECK_PROVIDER, region=provider.region)
    await take_unpublished_part(context, Duty.CHECK_PROVIDER, provider.id)
    check_step(provider.state, ProviderState.APPLIED, ProviderState.IN_CHECK)
    if provider.state == ProviderState.APPLIED:
        enter(context, provider, ProviderState.IN_CHECK)
    return provider
