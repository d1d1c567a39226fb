"""ApplicationFoundEligible: who applies, and the relations by which a provider that is not independent is found."""

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.payments.domain.catalogue import LINKING
from services.payments.domain.states import ProviderState
from services.payments.locks import lock_row
from services.payments.steps.orders import reroute_orders
from services.payments.steps.parties import ITSELF
from services.payments.steps.providers import enter, registration_id
from services.payments.steps.related_parties import keep_relations
from services.payments.tables import ApplicantRow, EnvelopeRow, ProviderRow, VoucherRow
from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.binding import require_same
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import RelationKind
from shared.messaging.context import Context
from shared.privacy.sealed import is_erased

APPLIES = "The organisation, or one that is linked to it, applies for a voucher in this region: an applicant cannot be a provider here."
"""The reason that the provider reads."""


async def record_applicant(context: Context, found: ApplicationFoundEligible) -> None:
    """The latest verdict counts, in whatever order they arrive. Where the policy lets no provider apply, a provider that does is suspended.
    `NotYet` while the call is not known; `Contradiction` when the event does not fit the call, the application or its voucher."""
    envelope = await context.session.get(EnvelopeRow, found.call_id)
    if envelope is None:
        raise NotYet(found.call_id, "CallPublished has not arrived")
    require_same(found, envelope)
    for voucher in await context.session.scalars(select(VoucherRow).where(col(VoucherRow.application_id) == found.application_id)):
        require_same(found, voucher)
    await keep_relations(context, found.organisation_id, [(relation.kind, relation.hash) for relation in found.relations])
    relations: dict[str, list[str]] = {}
    for relation in found.relations:
        relations.setdefault(str(relation.kind), []).append(relation.hash)
    await _end_double_part(context, found, relations)
    known = await context.session.get(ApplicantRow, found.application_id, with_for_update=True)
    if known is None:
        context.session.add(
            ApplicantRow(
                application_id=found.application_id, call_id=found.call_id, region=found.region, organisation_id=found.organisation_id,
                policy_id=found.policy_id, relations=relations, found_at=context.happened_at,
            )
        )  # fmt: skip
        return
    require_same(found, known)
    if context.is_newer_than(known.found_at):
        known.policy_id, known.relations, known.found_at = found.policy_id, relations, context.happened_at


async def _end_double_part(context: Context, found: ApplicationFoundEligible, relations: Mapping[str, list[str]]) -> None:
    """Of the organisation, and of one with its tax number or an owner of it. Source: Croatia's digital vouchers: a provider is never an
    applicant. The other way round, `keep_applicants_off`."""
    rules = context.policies.get(found.policy_id).providers
    if rules is None or rules.may_apply:
        return
    row = ProviderRow
    wanted = [(kind.value, kind) for kind in LINKING] + [(ITSELF, RelationKind.OWNER)]
    linked = [col(row.relations)[key].has_any(array(relations[kind])) for key, kind in wanted if relations.get(kind)]
    same = or_(col(row.id) == registration_id(found.region, found.organisation_id), *linked)
    query = select(col(row.id)).where(col(row.region) == found.region, col(row.state) == ProviderState.APPROVED, same)
    for provider_id in list(await context.session.scalars(query.order_by(col(row.id)))):
        provider = await lock_row(context, row, col(row.id) == provider_id)
        if provider is not None and provider.state == ProviderState.APPROVED and not is_erased(provider):
            enter(context, provider, ProviderState.SUSPENDED, APPLIES)
            await reroute_orders(context, provider)
