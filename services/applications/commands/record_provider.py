"""ProviderRegistrationChanged: who is in the catalogue of a region, and so is no applicant where the policy says so."""

from services.applications.domain.providers import LINKING
from services.applications.tables import ProviderRow
from shared.contracts.binding import require_same
from shared.contracts.payments import ProviderRegistrationChanged
from shared.messaging.context import Context


async def record_provider(context: Context, changed: ProviderRegistrationChanged) -> None:
    """The newest step stays, in whatever order they arrive. `Contradiction` when a registration is of another organisation or region."""
    keys = sorted(f"{relation.kind} {relation.hash}" for relation in changed.relations if relation.kind in LINKING)
    known = await context.session.get(ProviderRow, changed.provider_id, with_for_update=True)
    if known is None:
        context.session.add(
            ProviderRow(
                id=changed.provider_id, region=changed.region, organisation_id=changed.organisation_id, state=changed.state,
                step=changed.step, keys=keys,
            )
        )  # fmt: skip
        return
    require_same(changed, known)
    if changed.step > known.step:
        known.state, known.step, known.keys = changed.state, changed.step, keys
