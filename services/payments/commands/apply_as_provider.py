"""An organisation applies to be a provider in a region, or corrects its application before an officer checks it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.catalogue import check_may_apply
from services.payments.domain.states import ProviderState
from services.payments.locks import lock_row
from services.payments.steps.parties import relations_of_provider
from services.payments.steps.payees import policy_of_region
from services.payments.steps.providers import keep_applicants_off, record_step, registration_id
from services.payments.tables import ProviderRow
from shared.classifications.tax_numbers import canonical_tax_number
from shared.database.locks import lock_names
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.kernel.invoice_numbers import tax_number_key
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context
from shared.privacy.sealed import digest_of, is_erased, subject_erased


@dataclass(frozen=True, slots=True)
class Seat:
    street: str
    postcode: str
    town: str
    country: str


@dataclass(frozen=True, slots=True)
class JointWork:
    """With the firm of this tax number, on `last_on` for the last time."""

    tax_number: str
    last_on: date


@dataclass(frozen=True, slots=True)
class NewProvider:
    """`country` of the tax number, ISO 3166. `owners`: names of persons and firms; `kin`: names of the owners' relatives who own or run a
    firm. `worked_with`: the firms with which it worked together."""

    region: str
    name: str
    country: str
    tax_number: str
    seat: Seat
    website: str | None
    summary: str
    services: Sequence[str]
    owners: Sequence[str]
    kin: Sequence[str]
    worked_with: Sequence[JointWork]


async def apply_as_provider(context: Context, new: NewProvider, hash_key: bytes) -> ProviderRow:
    """Applying again with the same values changes nothing. `Refused` 'tax-number-wrong', 'tax-number-country', 'provider-applies';
    `Conflict` 'provider-registered', and 'provider-tax-number-used' when another organisation is registered with the tax number."""
    own = context.actor.organisation_id
    authorise(context.actor, Permission.APPLY_AS_PROVIDER, region=new.region, owner=owned_by(own))
    assert own is not None, "who owns something acts for an organisation"
    policy_of_region(context.policies, new.region)
    number = canonical_tax_number(new.country, new.tax_number)
    provider_id = registration_id(new.region, own)
    provider = await lock_row(context, ProviderRow, col(ProviderRow.id) == provider_id)
    if provider is not None and is_erased(provider):
        raise subject_erased()
    check_may_apply(provider.state if provider else None)
    await take_unpublished_part(context, Duty.PROVIDE, provider_id)
    values = _values(new, number, hash_key)
    await keep_applicants_off(context, new.region, own, values["relations"])
    tax_key = digest_of(context.session, "tax_key", f"{new.country} {tax_number_key(number)}")
    await _check_number(context, new.region, tax_key, provider_id)
    if provider is None:
        provider = ProviderRow(
            id=provider_id, region=new.region, organisation_id=own, applied_by=context.actor.id, applied_at=context.now, **values
        )
        context.session.add(provider)
        await context.session.flush()
        record_step(context, provider)
        return provider
    for name, value in values.items():
        if getattr(provider, name) != value:
            setattr(provider, name, value)
    if provider.state != ProviderState.APPLIED:
        provider.state, provider.reason, provider.approved_services, provider.since, provider.until = (
            ProviderState.APPLIED,
            None,
            [],
            None,
            None,
        )
        provider.applied_by, provider.applied_at, provider.step = context.actor.id, context.now, provider.step + 1
        record_step(context, provider)
    return provider


def _values(new: NewProvider, number: str, hash_key: bytes) -> dict[str, Any]:
    worked_with = [{"tax_number": one.tax_number, "last_on": one.last_on.isoformat()} for one in new.worked_with]
    seat = asdict(new.seat)
    return {
        "name": new.name, "country": new.country, "tax_number": number, "seat": seat, "website": new.website, "summary": new.summary,
        "services": sorted(set(new.services)), "owners": list(new.owners), "kin": list(new.kin), "worked_with": worked_with,
        "relations": relations_of_provider(hash_key, number, seat, new.owners, new.kin, worked_with, new.name),
    }  # fmt: skip


async def _check_number(context: Context, region: str, tax_key: str, provider_id: object) -> None:
    """A partial unique index holds this when two apply at once; this check gives the reason."""
    await lock_names(context.session, [f"provider {tax_key}"])
    ended = (ProviderState.REFUSED, ProviderState.WITHDRAWN)
    row = ProviderRow
    same = (col(row.region) == region, col(row.tax_key) == tax_key, col(row.id) != provider_id, col(row.state).not_in(ended))
    if await context.session.scalar(select(col(row.id)).where(*same)) is not None:
        raise Conflict(
            "provider-tax-number-used", "Another organisation is registered in this region with this tax number.", field="tax_number"
        )
