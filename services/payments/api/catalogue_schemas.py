"""Request bodies of the catalogue of providers."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from services.payments.api.schemas import BankAccountInput, HolderName
from services.payments.domain.catalogue import ServiceKind
from shared.kernel.countries import country_of
from shared.kernel.invoice_numbers import typed_number
from shared.web.schemas import Input

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=140)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
TaxNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)]
Country = Annotated[str, BeforeValidator(lambda code: country_of(code) if isinstance(code, str) else code), Field(pattern="^[A-Z]{2}$")]
"""Greece is GR, also where EL is typed: one firm has one key."""
Services = Annotated[list[ServiceKind], Field(min_length=1, max_length=len(ServiceKind))]


class ProviderSeatInput(Input):
    street: Words
    postcode: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=12)]
    town: Words
    country: Country


class JointWorkInput(Input):
    """With the firm of this tax number, on `last_on` for the last time."""

    tax_number: TaxNumber
    last_on: date


class RegistrationInput(Input):
    """`country` of the tax number (ISO 3166). `owners`: names of the persons and firms that own the organisation; `kin`: names of their
    relatives to the second degree who own or run a firm. `worked_with`: firms with which it worked together in the last years. Only name,
    website, summary and services are published."""

    region: Annotated[str, Field(max_length=80)]
    name: Words
    country: Country
    tax_number: TaxNumber
    seat: ProviderSeatInput
    website: Annotated[str, Field(pattern=r"^https?://[^\s\"'<>]{3,200}$")] | None = None
    summary: Text
    services: Services
    owners: Annotated[list[Words], Field(min_length=1, max_length=50)]
    kin: Annotated[list[Words], Field(default_factory=list, max_length=50)]
    worked_with: Annotated[list[JointWorkInput], Field(default_factory=list, max_length=50)]


class ProviderApprovalInput(Input):
    """From and until these days, both included; without `until`, until it is ended."""

    services: Services
    since: date
    until: date | None = None


class ProviderReasonInput(Input):
    """The provider reads it."""

    reason: Text


class ProviderAccountInput(Input):
    name: HolderName
    account: BankAccountInput
