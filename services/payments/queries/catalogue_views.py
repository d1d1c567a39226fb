"""The response models of the catalogue of providers. Days are those of the provider's region."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class CatalogueEntryView(BaseModel):
    """A provider as everybody may read it: nothing of its owners, its address or its account."""

    provider_id: UUID
    region: str
    name: str
    website: str | None
    summary: str | None
    services: list[str]
    since: date
    until: date | None


class SeatView(BaseModel):
    street: str
    postcode: str
    town: str
    country: str


class JointWorkView(BaseModel):
    """With the firm of this tax number, on `last_on` for the last time."""

    tax_number: str
    last_on: date


class ProviderStepView(BaseModel):
    """A step of a registration. `actor` is empty for the provider, which does not learn who of the agency decides."""

    number: int
    state: str
    services: list[str]
    since: date | None
    until: date | None
    reason: str | None
    actor: str
    at: datetime


class ProviderView(BaseModel):
    """A registration in a list. `listed`: it stands in the catalogue today. `name` is None where the organisation was erased."""

    provider_id: UUID
    region: str
    organisation_id: UUID
    state: str
    name: str | None
    services: list[str]
    approved_services: list[str]
    since: date | None
    until: date | None
    listed: bool
    applied_at: datetime
    decided_at: datetime | None


class ProviderDetail(ProviderView):
    """`account`: missing, proposed (finance has to confirm it), or in-force; `account_shown` is that in force, masked. `suspended_by` is
    empty for the provider."""

    country: str
    tax_number: str | None
    seat: SeatView | None
    website: str | None
    summary: str | None
    owners: list[str]
    kin: list[str]
    worked_with: list[JointWorkView]
    reason: str | None
    account: str
    account_shown: str | None
    suspended_by: str
    history: list[ProviderStepView]
