"""The response models. Names and addresses of persons are null once they were erased."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.people.domain.mails import Template
from services.people.domain.states import GrantState, InvitationState, MailState
from shared.identity.actor import Role
from shared.kernel.vocabulary import MemberRole


class SignInView(BaseModel):
    """`client`: where the person signed in. Instants are real time."""

    id: UUID
    client: str
    signed_in_at: datetime
    ends_at: datetime


class RoleGrantView(BaseModel):
    """`in_force`: the role holds at this moment. `name` and `email` are null for who has no role in force where the reader sees roles.
    `decided_by` is null for the first administrator of a region."""

    id: UUID
    person_id: UUID
    name: str | None
    email: str | None
    role: Role
    region: str
    state: GrantState
    in_force: bool
    valid_from: datetime
    valid_until: datetime | None
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class OwnOrganisationView(BaseModel):
    id: UUID
    name: str | None
    role: MemberRole


class MeView(BaseModel):
    """The person who asks: what the provider says, what the person may act as, and for whom."""

    id: UUID
    name: str | None
    email: str | None
    email_verified: bool
    language: str
    registered_at: datetime
    organisations: list[OwnOrganisationView]
    roles: list[RoleGrantView]


class SeatView(BaseModel):
    street: str
    postcode: str
    town: str
    country: str


class SizeView(BaseModel):
    """Of the last closed accounts: annual work units, turnover and balance in minor units of `currency`."""

    staff: int
    turnover_minor: int
    balance_minor: int
    currency: str
    year: int


class OrganisationView(BaseModel):
    """`country` of the tax number (ISO 3166). `version` has to be sent back with a change."""

    id: UUID
    country: str
    tax_number: str | None
    name: str | None
    seat: SeatView | None
    size: SizeView | None
    nuts: str
    activity_code: str
    version: int
    registered_at: datetime
    changed_at: datetime


class MemberView(BaseModel):
    person_id: UUID
    name: str | None
    email: str | None
    role: MemberRole
    since: datetime


class InvitationView(BaseModel):
    id: UUID
    organisation_id: UUID
    email: str | None
    role: MemberRole
    state: InvitationState
    invited_at: datetime
    expires_at: datetime
    expired: bool


class PersonView(BaseModel):
    """As an administrator sees a person, or a machine."""

    id: UUID
    machine: bool
    name: str | None
    email: str | None
    language: str
    registered_at: datetime
    ended_at: datetime | None


class MachineView(PersonView):
    """`secret` is shown once, when the machine is registered."""

    secret: str


class MailView(BaseModel):
    """`template`: which mail it is. `reason`: why it was not delivered: a code, 'smtp-550' where a mail server gave it. Its words are not
    kept. `written_at` and `sent_at` are programme time."""

    id: UUID
    template: Template
    case_id: UUID | None
    language: str
    state: MailState
    reason: str | None
    written_at: datetime
    sent_at: datetime | None


class CaseMailView(MailView):
    """`recipient_id`: the person, by the id that events have; no address. `tries`: how often it was given to a mail server."""

    recipient_id: UUID
    tries: int
