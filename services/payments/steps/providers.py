"""Registrations of providers: the locked row, a step of its history, and who may not be one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from services.payments.domain.catalogue import LINKING, check_not_applicant
from services.payments.domain.states import MoneyState, ProviderState
from services.payments.locks import lock_row
from services.payments.queries.provider_facts import unknown_provider
from services.payments.steps.parties import ITSELF
from services.payments.steps.payees import policy_of_region
from services.payments.tables import ApplicantRow, EndedApplicationRow, ProviderRow, ProviderStepRow, RelationRow, VoucherRow
from shared.contracts.common import Relation
from shared.contracts.payments import ProviderRegistrationChanged
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import RelationKind
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.privacy.sealed import is_erased, subject_erased

_NAMESPACE = UUID("3f0d5a52-6a6f-8c54-8f0b-9a4d1f6f2c77")


def registration_id(region: str, organisation_id: UUID) -> UUID:
    """An organisation has one registration in a region, however often it applies."""
    return derive_id(_NAMESPACE, region, organisation_id)


async def lock_provider(context: Context, provider_id: UUID) -> ProviderRow:
    """`NotFound` 'provider-unknown'; `Conflict` 'subject-erased'."""
    provider = await lock_row(context, ProviderRow, col(ProviderRow.id) == provider_id)
    if provider is None:
        raise unknown_provider()
    if is_erased(provider):
        raise subject_erased()
    return provider


def enter(context: Context, provider: ProviderRow, state: ProviderState, reason: str | None = None) -> None:
    """The registration is in this state from now on; its history says who made the step, and why."""
    provider.state, provider.reason = state, reason
    provider.step += 1
    provider.decided_by, provider.decided_at = context.actor.id, context.now
    record_step(context, provider)


def record_step(context: Context, provider: ProviderRow) -> None:
    """And publishes it."""
    context.session.add(
        ProviderStepRow(
            provider_id=provider.id, number=provider.step, organisation_id=provider.organisation_id, region=provider.region,
            state=provider.state, services=provider.approved_services, since=provider.since, until=provider.until, reason=provider.reason,
            actor=context.actor.id, at=context.now,
        )
    )  # fmt: skip
    changed = ProviderRegistrationChanged(
        provider_id=provider.id, organisation_id=provider.organisation_id, region=provider.region, state=provider.state,
        step=provider.step, relations=_relations(provider),
    )  # fmt: skip
    publish(context, changed, reason=f"provider-{provider.state}", policy_id=policy_of_region(context.policies, provider.region).id)


def _relations(provider: ProviderRow) -> list[Relation]:
    """By which an applicant that is linked to it is found."""
    found = [Relation(kind=kind, hash=one) for kind in LINKING for one in provider.relations.get(kind.value, ())]
    return [*found, *(Relation(kind=RelationKind.OWNER, hash=one) for one in provider.relations.get(ITSELF, ()))]


def suspension_id(provider: ProviderRow, number: int) -> UUID:
    """The case of a suspension: who suspended does not end it; the next suspension is another case."""
    return derive_id(provider.id, "suspension", number)


async def keep_applicants_off(context: Context, region: str, organisation_id: UUID, relations: Mapping[str, Any]) -> None:
    """`Refused` 'provider-applies' while the organisation, or one that is linked to it by `relations` (kind → keyed hashes), has an
    application, or a voucher, in a scheme of the region whose policy lets no provider apply. `applications` asks the other way round."""
    row, voucher = ApplicantRow, VoucherRow
    of_case = select(voucher).where(col(voucher.application_id) == col(row.application_id))
    live = of_case.where(col(voucher.state).in_((MoneyState.RESERVED, MoneyState.COMMITTED, MoneyState.ISSUED))).exists()
    over = of_case.where(col(voucher.state).in_((MoneyState.RELEASED, MoneyState.SETTLED))).exists()
    ended = select(EndedApplicationRow).where(col(EndedApplicationRow.application_id) == col(row.application_id)).exists()
    by_owner = [*relations.get(RelationKind.OWNER.value, ()), *relations.get(ITSELF, ())]
    numbers, owners = _has(RelationKind.TAX_NUMBER, relations.get(RelationKind.TAX_NUMBER.value, ())), _has(RelationKind.OWNER, by_owner)
    linked = select(col(RelationRow.subject_id)).where(or_(numbers, owners))
    same = or_(col(row.organisation_id) == organisation_id, col(row.organisation_id).in_(linked))
    query = select(col(row.policy_id)).where(same, col(row.region) == region)
    query = query.where(or_(live, ~ended & ~over))
    for policy_id in await context.session.scalars(query.distinct()):
        rules = context.policies.get(policy_id).providers
        check_not_applicant(applies=True, may_apply=rules is None or rules.may_apply)


def _has(kind: RelationKind, hashes: Sequence[str]) -> ColumnElement[bool]:
    return and_(col(RelationRow.kind) == kind, col(RelationRow.hash).in_(hashes))
