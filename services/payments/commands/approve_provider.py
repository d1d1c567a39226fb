"""An officer of the region approves a provider for services, from and until days: it stands in the catalogue then."""

from uuid import UUID

from services.payments.domain.catalogue import Approval, check_approval, check_step
from services.payments.domain.states import ProviderState
from services.payments.queries.provider_facts import today_in
from services.payments.steps.providers import enter, keep_applicants_off, lock_provider
from services.payments.tables import ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def approve_provider(context: Context, provider_id: UUID, approval: Approval) -> ProviderRow:
    """Raises as `check_approval`; `Refused` 'provider-applies'; `Conflict` 'provider-state'."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.CHECK_PROVIDER, region=provider.region)
    await take_unpublished_part(context, Duty.CHECK_PROVIDER, provider.id)
    check_step(provider.state, ProviderState.IN_CHECK)
    check_approval(provider.services, approval, today_in(context, provider.region))
    await keep_applicants_off(context, provider.region, provider.organisation_id, provider.relations)
    provider.approved_services, provider.since, provider.until = sorted(set(approval.services)), approval.since, approval.until
    enter(context, provider, ProviderState.APPROVED)
    return provider
