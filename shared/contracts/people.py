"""Events that `people` publishes. They name persons and organisations by id only."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from shared.contracts.common import Code
from shared.contracts.words import WordOf
from shared.identity.actor import Role
from shared.kernel.vocabulary import LinkKind, MemberRole
from shared.messaging.event import Event

PERSONS, ORGANISATIONS = "people.persons", "people.organisations"
RoleWord = Annotated[Role | str, WordOf(Role)]
LinkKindWord = Annotated[LinkKind | str, WordOf(LinkKind)]
MemberRoleWord = Annotated[MemberRole | str, WordOf(MemberRole)]


class PersonEvent(Event, abstract=True, topic=PERSONS, key="person_id", correlation="person_id"):
    """About a person, or about a machine with an account of its own."""

    person_id: UUID


class RoleEvent(PersonEvent, abstract=True):
    """About a role that a person has, or is to have, in a region."""

    grant_id: UUID
    role: RoleWord
    region: str


class RoleInvitationEvent(Event, abstract=True, topic=PERSONS, key="invitation_id", correlation="invitation_id"):
    """About a role that is proposed for an e-mail address with which nobody has signed in yet."""

    invitation_id: UUID
    role: RoleWord
    region: str


class OrganisationEvent(Event, abstract=True, topic=ORGANISATIONS, key="organisation_id", correlation="organisation_id"):
    """About an organisation of applicants."""

    organisation_id: UUID


class PersonRegistered(PersonEvent, reader="audit of people"):
    """Somebody has signed in for the first time, or an administrator has registered a machine."""

    machine: bool


class ProfileChanged(PersonEvent, reader="audit of people"):
    """`fields`: what the person changed of the own profile."""

    fields: list[Code]


class MailBounced(PersonEvent, reader="audit of people"):
    """A mail to the person was refused for good. Reminders to the address stop until the person has another one, or says that it is
    right."""

    mail_id: UUID


class AddressConfirmed(PersonEvent, reader="audit of people"):
    """The person says that the address is right to which mail was refused."""


class SignInsEnded(PersonEvent, reader="audit of people"):
    """The person is signed out everywhere, by an own act or by an administrator; `sign_ins` counts the sessions that ended."""

    sign_ins: int


class PersonEnded(PersonEvent, reader="audit of people"):
    """The account is closed: the person, or machine, cannot sign in any more."""


class PersonErased(PersonEvent, reader="audit of people"):
    """Name, address and name at the provider of a closed account are gone."""


class RoleProposed(RoleEvent, reader="audit of people"):
    """Waits for a second administrator."""

    valid_from: datetime
    valid_until: datetime | None


class RoleGranted(RoleEvent, reader="audit of people"):
    """The role holds from `valid_from` on, until `valid_until` or its end."""

    valid_from: datetime
    valid_until: datetime | None


class RoleRefused(RoleEvent, reader="audit of people"):
    """The second administrator did not confirm the role."""


class RoleEnded(RoleEvent, reader="audit of people"):
    """The role was taken back, or given up, before its time."""


class RoleInvited(RoleInvitationEvent, reader="audit of people"):
    """The first who signs in with the verified address before `expires_at` is proposed for the role."""

    valid_from: datetime
    valid_until: datetime | None
    expires_at: datetime


class RoleInvitationWithdrawn(RoleInvitationEvent, reader="audit of people"):
    """Nobody is proposed by it any more."""


class OrganisationRegistered(OrganisationEvent, reader="audit of people"):
    """`country` is of the tax number (ISO 3166). The person who registered it is its first owner."""

    country: str
    person_id: UUID


class OrganisationChanged(OrganisationEvent, reader="audit of people"):
    """`fields`: what changed of the profile; `version` counts the changes."""

    fields: list[Code]
    version: int


class UndertakingLinkRecorded(OrganisationEvent):
    """An owner says that the organisation and another firm are one undertaking from `valid_from` on, until the day before `valid_until`.
    `own_number` and `other_number` are keyed hashes of the tax numbers. `version` 1 declares the link, a later one ends it."""

    link_id: UUID
    version: int
    kind: LinkKindWord
    own_number: str
    other_number: str
    valid_from: date
    valid_until: date | None


class MemberInvited(OrganisationEvent, reader="audit of people"):
    """Somebody was invited by e-mail."""

    invitation_id: UUID
    role: MemberRoleWord


class InvitationWithdrawn(OrganisationEvent, reader="audit of people"):
    """The invitation's link is void."""

    invitation_id: UUID


class MemberJoined(OrganisationEvent):
    """`invitation_id` is None for the person who registered the organisation."""

    person_id: UUID
    role: MemberRoleWord
    invitation_id: UUID | None


class MemberChanged(OrganisationEvent, reader="audit of people"):
    """The member has another role in the organisation."""

    person_id: UUID
    role: MemberRoleWord


class MemberLeft(OrganisationEvent):
    """The person does not act for the organisation any more."""

    person_id: UUID
