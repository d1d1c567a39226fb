"""Request bodies."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.people.domain.organisations import Profile, check_place
from services.people.domain.undertakings import Link
from shared.classifications.tax_numbers import canonical_tax_number
from shared.contracts.common import Code
from shared.identity.actor import Role
from shared.kernel.countries import country_of
from shared.kernel.vocabulary import LinkKind, MemberRole
from shared.texts.languages import LANGUAGES
from shared.web.codes import NaceCode, NutsCode
from shared.web.instants import Instant
from shared.web.schemas import Input, WorkUnits, trimmed

Line = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(trimmed)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]
Minor = Annotated[int, Field(strict=True, ge=0, le=10**13)]


class ProfileInput(Input):
    """The language of pages and mail. `task_mail`: whether a daily mail says what waits at the agency; left out, it stays as it is."""

    language: Language
    task_mail: Annotated[bool, Field(strict=True)] | None = None


class SeatInput(Input):
    street: Line
    postcode: Annotated[str, Field(min_length=1, max_length=12)]
    town: Line
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, Greece is GR")]


class SizeInput(Input):
    """Of the last closed accounts: annual work units, turnover and balance in minor units of `currency`."""

    staff: WorkUnits
    turnover_minor: Minor
    balance_minor: Minor
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    year: Annotated[int, Field(strict=True, ge=2000, le=2100)]


class OrganisationInput(Input):
    """`country` and `tax_number` as people write them; the number is checked and kept in the national form."""

    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")]
    tax_number: Annotated[str, Field(min_length=1, max_length=30)]
    name: Line
    seat: SeatInput
    size: SizeInput
    nuts: NutsCode
    activity_code: NaceCode

    def profile(self) -> Profile:
        """`Refused` 'tax-number-country', 'tax-number-wrong' or 'nuts-elsewhere'."""
        country = country_of(self.country)
        check_place(self.nuts, country_of(self.seat.country))
        return Profile(
            country, canonical_tax_number(country, self.tax_number), self.name, self.seat.model_dump(),
            self.size.model_dump(mode="json"), self.nuts, self.activity_code,
        )  # fmt: skip


class OrganisationChangeInput(OrganisationInput):
    """`version` as it was read."""

    version: Annotated[int, Field(strict=True, ge=1)]


class InvitationInput(Input):
    """`language` of the mail."""

    email: Email
    role: MemberRole
    language: Language


class AcceptanceInput(Input):
    """`secret` of the link."""

    secret: Annotated[str, Field(min_length=20, max_length=200)]


class MemberInput(Input):
    role: MemberRole


class LinkInput(Input):
    """`valid_from`: the first day on which the two were one undertaking by it."""

    kind: LinkKind
    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")]
    tax_number: Annotated[str, Field(min_length=4, max_length=30)]
    name: Line
    valid_from: date

    def link(self) -> Link:
        """`Refused` 'tax-number-country' or 'tax-number-wrong'."""
        country = country_of(self.country)
        return Link(self.kind, country, canonical_tax_number(country, self.tax_number), self.name, self.valid_from)


class LinkEndInput(Input):
    """`valid_until`: the first day on which it did not hold any more."""

    valid_until: date


class FoundLinkInput(LinkInput):
    """`words`: how the office knows of it."""

    words: Words


class WrongLinkInput(LinkEndInput):
    """`words`: why the link is wrong."""

    words: Words


class RoleInput(Input):
    """`valid_from` is now where it is not given. `reason` is a code; it goes into the event."""

    person_id: UUID
    role: Role
    region: Annotated[str, Field(min_length=1, max_length=80)]
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    reason: Code


class RoleInvitationInput(Input):
    """As `RoleInput`, for an address with which nobody has signed in yet."""

    email: Email
    role: Role
    region: Annotated[str, Field(min_length=1, max_length=80)]
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    reason: Code


class MachineInput(Input):
    """A machine that has a role and a secret of its own, such as a bank's client or an accounting system. Its name is shown to who decides
    on its roles."""

    name: Line


def earliest(given: datetime | None, now: datetime) -> datetime:
    """A role does not begin before it is given."""
    return max(given or now, now)
