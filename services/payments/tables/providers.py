"""Providers of the catalogue, and what applicants have in common with them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.payments.domain.states import PROVIDER_TRANSITIONS, ProviderState
from services.payments.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.kernel.invoice_numbers import tax_number_key
from shared.privacy.sealed import about_subject, seal_columns, sealed

ENDED_IN_SQL = "('refused', 'withdrawn')"


class ProviderRow(Table, table=True):
    """An organisation as a provider in a region. `services` are those it applied for, `approved_services` those of its approval, which
    holds from `since` to `until` (both included).

    `seat`: street, postcode, town, country. `owners`, `kin`: names. `worked_with`: tax numbers with the last day of joint work.
    `relations`: kind → keyed hashes of these (`shared.classifications.identity_keys`). `reason`: of the refusal or suspension. `step`
    counts its history. The index stops a second organisation from being registered with the same tax number.
    """

    __tablename__ = "providers"
    __table_args__ = (
        Index("ix_providers_list", "region", "applied_at", "id"),
        Index("one_provider_per_tax_number", "region", "tax_key", unique=True, postgresql_where=text(f"state NOT IN {ENDED_IN_SQL}")),
        CheckConstraint(one_of("state", ProviderState), name="known_state"),
        CheckConstraint("state NOT IN ('approved', 'suspended') OR since IS NOT NULL", name="approved_from_a_day"),
        CheckConstraint("until >= since", name="approved_in_order"),
        CheckConstraint("step > 0", name="has_a_history"),
        fixed("id region organisation_id"),
    )

    id: UUID = Field(primary_key=True)
    region: str
    organisation_id: UUID = Field(index=True)
    state: str = ProviderState.APPLIED
    step: int = 1
    country: str
    name: str = sealed()
    tax_number: str = sealed()
    tax_key: str = ""
    seat: dict[str, Any] = sealed()
    website: str | None = sealed(nullable=True)
    summary: str = sealed()
    owners: list[str] = sealed()
    kin: list[str] = sealed()
    worked_with: list[dict[str, Any]] = sealed()
    relations: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    services: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    approved_services: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    since: date | None = None
    until: date | None = None
    reason: str | None = sealed(nullable=True)
    applied_by: str
    applied_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()


class ProviderStepRow(Table, table=True):
    """A step of a registration, never changed: what was approved on a day can be said later. `number` counts from 1."""

    __tablename__ = "provider_steps"
    __table_args__ = (CheckConstraint(one_of("state", ProviderState), name="known_step"), written_once())

    provider_id: UUID = Field(sa_column=Column(ForeignKey("providers.id"), primary_key=True))
    number: int = Field(primary_key=True)
    organisation_id: UUID = Field(index=True)
    region: str
    state: str
    services: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    since: date | None = None
    until: date | None = None
    reason: str | None = sealed(nullable=True)
    actor: str
    at: datetime = Field(sa_type=INSTANT)


class ApplicantRow(Table, table=True):
    """An application that was submitted, and from its verdict on the keyed hashes of the applicant's relations: kind → hashes. By these a
    provider that is related to it is found. The event of the latest verdict counts."""

    __tablename__ = "applicants"
    __table_args__ = (
        Index("ix_applicants_organisation", "organisation_id", "region"),
        fixed("application_id call_id region organisation_id"),
    )

    application_id: UUID = Field(primary_key=True)
    call_id: UUID
    region: str
    organisation_id: UUID
    policy_id: str
    relations: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    found_at: datetime = Field(sa_type=INSTANT)


class EndedApplicationRow(Table, table=True):
    """An application that goes on no more: withdrawn, not eligible, or refused. Its event may arrive before that of the application."""

    __tablename__ = "ended_applications"
    __table_args__ = (written_once(),)

    application_id: UUID = Field(primary_key=True)
    call_id: UUID
    region: str
    ended_at: datetime = Field(sa_type=INSTANT)


def _tax_key(row: ProviderRow) -> str:
    return f"{row.country} {tax_number_key(row.tax_number)}"


guard_transitions(col(ProviderRow.state), PROVIDER_TRANSITIONS)
seal_columns(ProviderRow, subject="organisation_id", digests={"tax_key": _tax_key}, was_plain=False)
seal_columns(ProviderStepRow, subject="organisation_id", was_plain=False)
about_subject(ApplicantRow, subject="organisation_id")
