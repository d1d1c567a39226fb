"""An officer of the region refuses the registration of a provider, which may apply again."""

from uuid import UUID

from services.payments.domain.catalogue import check_step
from services.payments.domain.states import ProviderState
from services.payments.steps.providers import enter, lock_provider
from services.payments.tables import ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def refuse_provider(context: Context, provider_id: UUID, reason: str) -> ProviderRow:
    """The provider reads the reason. `Conflict` 'provider-state'."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.CHECK_PROVIDER, region=provider.region)
    await take_unpublished_part(context, Duty.CHECK_PROVIDER, provider.id)
    check_step(provider.state, ProviderState.IN_CHECK)
    enter(context, provider, ProviderState.REFUSED, reason)
    return provider
