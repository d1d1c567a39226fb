"""A provider leaves the catalogue of a region, or gives its registration up."""

from uuid import UUID

from services.payments.domain.catalogue import check_step
from services.payments.domain.states import ProviderState
from services.payments.steps.orders import reroute_orders
from services.payments.steps.providers import enter, lock_provider
from services.payments.tables import ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context

RUNNING = (ProviderState.APPLIED, ProviderState.IN_CHECK, ProviderState.APPROVED, ProviderState.SUSPENDED)


async def withdraw_provider(context: Context, provider_id: UUID) -> ProviderRow:
    """Repeating changes nothing. `Conflict` 'provider-state' after a refusal."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.APPLY_AS_PROVIDER, region=provider.region, owner=owned_by(provider.organisation_id))
    if provider.state == ProviderState.WITHDRAWN:
        return provider
    check_step(provider.state, *RUNNING)
    await take_unpublished_part(context, Duty.PROVIDE, provider.id)
    enter(context, provider, ProviderState.WITHDRAWN)
    await reroute_orders(context, provider)
    return provider
