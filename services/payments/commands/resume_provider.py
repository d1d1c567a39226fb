"""Another officer ends the suspension of a provider: it stands in the catalogue again, as it was approved."""

from uuid import UUID

from services.payments.domain.catalogue import check_step
from services.payments.domain.states import ProviderState
from services.payments.steps.providers import enter, keep_applicants_off, lock_provider, suspension_id
from services.payments.tables import ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def resume_provider(context: Context, provider_id: UUID, reason: str) -> ProviderRow:
    """`Forbidden` 'incompatible-step' for who suspended it; `Conflict` 'provider-state'."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.CHECK_PROVIDER, region=provider.region)
    check_step(provider.state, ProviderState.SUSPENDED)
    await take_unpublished_part(context, Duty.RESUME_PROVIDER, suspension_id(provider, provider.step), provider.id)
    await keep_applicants_off(context, provider.region, provider.organisation_id, provider.relations)
    enter(context, provider, ProviderState.APPROVED, reason)
    return provider
