"""The response models. Names and addresses of persons are null once they were erased."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.people.domain.closing import ObstacleKind
from services.people.domain.link_corrections import CorrectionState
from services.people.domain.mails import ReminderKind, Template
from services.people.domain.states import GrantState, InvitationState, MailState
from shared.identity.actor import Role
from shared.kernel.vocabulary import LinkKind, MemberRole
from shared.web.schemas import WorkUnits


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


class RoleInvitationView(BaseModel):
    """A role that waits for the first sign-in with an address. `email` is null once it is used or withdrawn, and for an auditor. `expired`:
    nobody can take it up any more."""

    id: UUID
    email: str | None
    role: Role
    region: str
    state: InvitationState
    valid_from: datetime
    valid_until: datetime | None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    expired: bool


class NameView(BaseModel):
    """Who acts for the agency, by the id that events have. `name` is null once it was erased."""

    id: UUID
    name: str | None
    machine: bool


class OwnOrganisationView(BaseModel):
    id: UUID
    name: str | None
    role: MemberRole


class MeView(BaseModel):
    """The person who asks: what the provider says, what the person may act as, and for whom. `mail_refused_since`: since when mail to the
    address has come back for good (programme time), so that no reminders are sent; null while it arrives. `task_mail`: a daily mail
    says what waits at the agency. `language_chosen`: by the person; else it is what the provider said."""

    id: UUID
    name: str | None
    email: str | None
    email_verified: bool
    mail_refused_since: datetime | None
    language: str
    language_chosen: bool
    task_mail: bool
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

    staff: WorkUnits
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


class UndertakingLinkView(BaseModel):
    """It holds from `valid_from` until the day before `valid_until`; None: it still does. `found_in`: the region whose office found it;
    None where an owner declared it."""

    id: UUID
    organisation_id: UUID
    kind: LinkKind
    country: str
    tax_number: str | None
    name: str | None
    valid_from: date
    valid_until: date | None
    declared_by: UUID
    declared_at: datetime
    ended_by: UUID | None
    ended_at: datetime | None
    found_in: str | None


class LinkCorrectionView(BaseModel):
    """A new link, or with `link_id` the end of that one. `own`: who asks has proposed it. `words`: why; None once they are erased."""

    id: UUID
    application_id: UUID
    region: str
    link_id: UUID | None
    kind: LinkKind | None
    country: str | None
    tax_number: str | None
    name: str | None
    valid_from: date | None
    valid_until: date | None
    words: str | None
    proposed_by: UUID
    proposed_at: datetime
    own: bool
    state: CorrectionState
    decided_by: UUID | None
    decided_at: datetime | None
    made_id: UUID | None


class CaseLinksView(BaseModel):
    """The applicant of a case, its links, and what officers of the region have proposed of them."""

    organisation_id: UUID
    name: str | None
    country: str
    tax_number: str | None
    links: list[UndertakingLinkView]
    corrections: list[LinkCorrectionView]


class MemberView(BaseModel):
    person_id: UUID
    name: str | None
    email: str | None
    role: MemberRole
    since: datetime


class InvitationView(BaseModel):
    """`mail_refused`: the mail with the link came back for good; only the list of invitations says it."""

    id: UUID
    organisation_id: UUID
    email: str | None
    role: MemberRole
    state: InvitationState
    invited_at: datetime
    expires_at: datetime
    expired: bool
    mail_refused: bool


class OfferedInvitationView(BaseModel):
    """What the link of an invitation offers; `organisation`: its name, null once it was erased. `accepted`: by who asks."""

    organisation: str | None
    role: MemberRole
    expires_at: datetime
    accepted: bool


class PersonView(BaseModel):
    """As an administrator sees a person, or a machine."""

    id: UUID
    machine: bool
    name: str | None
    email: str | None
    language: str
    registered_at: datetime
    ended_at: datetime | None


class ObstacleView(BaseModel):
    """Why the account cannot be closed yet: of an organisation or of a region."""

    kind: ObstacleKind
    organisation_id: UUID | None
    organisation: str | None
    region: str | None


class ClosureView(BaseModel):
    """`obstacles`: what has to be done before. `name_kept`: name and address stay after the closing, until `name_kept_until` (programme
    time), or as long as a policy sets no term."""

    closed_at: datetime | None
    obstacles: list[ObstacleView]
    name_kept: bool
    name_kept_until: datetime | None


class MachineView(PersonView):
    """`secret` is shown once, when the machine is registered."""

    secret: str


class MailView(BaseModel):
    """`template`: which mail it is; its words are not kept. `reason`: why it was not delivered, or in the state sent why it is delayed: a
    code, 'smtp-550' where a mail server refused it at once, 'status-5.1.1' (RFC 3463) where one reported it later. `answer`: what that
    server said, without addresses. `written_at`, `sent_at` and `bounced_at` are programme time."""

    id: UUID
    template: Template
    case_id: UUID | None
    language: str
    state: MailState
    reason: str | None
    answer: str | None
    written_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None


class CaseMailView(MailView):
    """`recipient_id`: the person, by the id that events have; no address. `tries`: how often it was given to a mail server."""

    recipient_id: UUID
    tries: int


class ProfileExportView(BaseModel):
    """`issuer` and `subject`: who the provider says one is. `email_since`: since when the address is another one than before, or was said
    to be right."""

    id: UUID
    issuer: str | None
    subject: str | None
    name: str | None
    email: str | None
    email_verified: bool
    email_since: datetime | None
    language: str
    language_chosen: bool
    task_mail: bool
    registered_at: datetime


class SignInExportView(SignInView):
    """With those that were ended before their time, until `ends_at`."""

    ended_at: datetime | None


class MembershipExportView(BaseModel):
    """`organisation`: its name."""

    id: UUID
    organisation_id: UUID
    organisation: str | None
    role: MemberRole
    since: datetime
    invitation_id: UUID | None
    ended_at: datetime | None
    ended_by: str | None


class RoleExportView(BaseModel):
    """As `RoleGrantView`, without what is computed."""

    id: UUID
    role: Role
    region: str
    state: GrantState
    valid_from: datetime
    valid_until: datetime | None
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class InvitationExportView(BaseModel):
    """`email` only of those that came to the person: who was invited is another one's datum."""

    id: UUID
    organisation_id: UUID
    role: MemberRole
    language: str
    state: InvitationState
    email: str | None
    invited_by: UUID
    invited_at: datetime
    expires_at: datetime
    ended_by: str | None
    ended_at: datetime | None


class MachineExportView(BaseModel):
    id: UUID
    name: str | None
    registered_at: datetime
    ended_at: datetime | None


class MailExportView(MailView):
    """`facts`: what the words of the mail were made of, with the template; the words are not kept."""

    region: str | None
    facts: dict[str, Any]
    tries: int


class ReminderExportView(BaseModel):
    """`mail_id`: the digest that has it."""

    event_id: UUID
    case_id: UUID
    kind: ReminderKind
    due_at: datetime
    written_at: datetime
    mail_id: UUID | None


class EventExportView(BaseModel):
    """One line of the record about the person: what happened, when, by whom, why. `actor`: an id, 'operator' or 'system'."""

    type: str
    time: datetime
    actor: str
    reason: str
    body: dict[str, Any]


class PersonExportView(BaseModel):
    """All that is held here about the person who asks (Regulation (EU) 2016/679, Articles 15 and 20). Other persons are named by their ids.
    `version` counts changes of this form."""

    version: Literal[1] = 1
    exported_at: datetime
    profile: ProfileExportView
    sign_ins: list[SignInExportView]
    memberships: list[MembershipExportView]
    registered_organisations: list[UUID]
    roles: list[RoleExportView]
    invitations_sent: list[InvitationExportView]
    invitations_received: list[InvitationExportView]
    machines: list[MachineExportView]
    mails: list[MailExportView]
    reminders: list[ReminderExportView]
    events: list[EventExportView]
