"""Organisations as their members see them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, false, or_, select
from sqlmodel import col

from services.people.domain.memberships import check_member, check_owner
from services.people.domain.states import InvitationState, MailState
from services.people.queries.persons import actor_person
from services.people.queries.views import InvitationView, MemberView, OrganisationView, OwnOrganisationView
from services.people.tables import InvitationRow, MailRow, MembershipRow, OrganisationRow, PersonRow
from shared.contracts.people import MemberChanged, MemberJoined, MemberLeft
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context
from shared.messaging.proven import proven_events
from shared.privacy.sealed import without

_OPEN = select(MembershipRow).where(col(MembershipRow.ended_at).is_(None)).execution_options(populate_existing=True)

_NAMED = (
    _OPEN.add_columns(OrganisationRow)
    .join(OrganisationRow, col(OrganisationRow.id) == col(MembershipRow.organisation_id))
    .where(col(MembershipRow.person_id) == bindparam("person"))
    .options(*without(OrganisationRow.tax_number, OrganisationRow.seat, OrganisationRow.size))
)


async def role_in(context: Context, organisation_id: UUID, person_id: UUID) -> MemberRole | None:
    """What the person may do for the organisation; None for who is no member."""
    query = _OPEN.where(col(MembershipRow.organisation_id) == organisation_id, col(MembershipRow.person_id) == person_id)
    found = await _proven(context, await context.session.scalars(query))
    return MemberRole(found[0].role) if found else None


async def members_of(context: Context, organisation_id: UUID) -> dict[str, MemberRole]:
    """Person → role, of the members of this moment whose accounts are open."""
    of_open_accounts = _OPEN.join(PersonRow, col(PersonRow.id) == col(MembershipRow.person_id)).where(col(PersonRow.ended_at).is_(None))
    query = of_open_accounts.where(col(MembershipRow.organisation_id) == organisation_id)
    found = await _proven(context, await context.session.scalars(query))
    return {str(row.person_id): MemberRole(row.role) for row in found}


async def mailed_members(context: Context, organisation_id: UUID) -> list[PersonRow]:
    """Those who act for the organisation at this moment, and have an open account, by id."""
    members = [UUID(person) for person in await members_of(context, organisation_id)]
    query = select(PersonRow).where(col(PersonRow.id).in_(members)).order_by(col(PersonRow.id))
    return list(await context.session.scalars(query))


async def memberships_of(context: Context, person_id: UUID) -> list[MembershipRow]:
    """Those of this moment, in the order of the organisations' ids."""
    query = _OPEN.where(col(MembershipRow.person_id) == person_id).order_by(col(MembershipRow.organisation_id))
    return await _proven(context, await context.session.scalars(query))


async def _proven(context: Context, rows: Iterable[MembershipRow]) -> list[MembershipRow]:
    """Those that the events say too, with this role: a row can be written by who has the password of the database alone."""
    found = list(rows)
    organisations = {row.organisation_id for row in found}
    said: dict[tuple[UUID, str], str] = {}
    for event in await proven_events(context.session, organisations, MemberJoined, MemberChanged, MemberLeft):
        said[(event.key, event.body["person_id"])] = event.body.get("role", "")  # who has left has none
    return [row for row in found if said.get((row.organisation_id, str(row.person_id))) == row.role]


async def own_organisations(context: Context, person_id: UUID) -> list[OwnOrganisationView]:
    """Those for which the person may act, by name."""
    found = (await context.session.execute(_NAMED, {"person": person_id})).all()
    names = {row.id: row.name for _, row in found}
    proven = await _proven(context, (row for row, _ in found))
    views = [OwnOrganisationView(id=row.organisation_id, name=names[row.organisation_id], role=MemberRole(row.role)) for row in proven]
    return sorted(views, key=lambda view: ((view.name or "").casefold(), view.id))


async def read_organisation(context: Context, organisation_id: UUID) -> OrganisationView:
    """For its members: `Forbidden` 'not-a-member' for others, whether there is such an organisation or not."""
    role = await role_in(context, organisation_id, actor_person(context))
    check_member(role)
    row = await context.session.get_one(OrganisationRow, organisation_id)
    return organisation_view(row)


def organisation_view(row: OrganisationRow) -> OrganisationView:
    return OrganisationView.model_validate(row, from_attributes=True)


async def list_members(context: Context, organisation_id: UUID) -> list[MemberView]:
    """For members; the longest members first."""
    check_member(await role_in(context, organisation_id, actor_person(context)))
    query = (
        select(MembershipRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(MembershipRow.person_id))
        .where(col(MembershipRow.organisation_id) == organisation_id, col(MembershipRow.ended_at).is_(None))
        .order_by(col(MembershipRow.since), col(MembershipRow.id))
    )
    return [
        MemberView(person_id=person.id, name=person.name, email=person.email, role=MemberRole(row.role), since=row.since)
        for row, person in (await context.session.execute(query)).all()
    ]


async def list_invitations(context: Context, organisation_id: UUID) -> list[InvitationView]:
    """The open ones, for owners; those whose time is over, or whose mail came back, are marked."""
    check_owner(await role_in(context, organisation_id, actor_person(context)))
    query = (
        select(InvitationRow)
        .where(col(InvitationRow.organisation_id) == organisation_id, col(InvitationRow.state) == InvitationState.OPEN)
        .order_by(col(InvitationRow.invited_at), col(InvitationRow.id))
    )
    rows = list(await context.session.scalars(query))
    mails = select(col(MailRow.recipient_id)).where(
        col(MailRow.recipient_id).in_([row.id for row in rows]), col(MailRow.state) == MailState.BOUNCED
    )
    returned = set(await context.session.scalars(mails))
    return [invitation_view(row, context, mail_refused=row.id in returned) for row in rows]


def invitations_to(person: PersonRow) -> Select[Any]:
    """Those that the person has accepted, and those to the person's address if the provider has verified it: another address is what
    somebody says of themselves."""
    accepted = and_(col(InvitationRow.state) == InvitationState.ACCEPTED, col(InvitationRow.ended_by) == str(person.id))
    to_address = col(InvitationRow.email_key) == person.email_key if person.email_verified and person.email_key else false()
    return select(InvitationRow).where(or_(accepted, to_address)).order_by(col(InvitationRow.id))


def invitation_view(row: InvitationRow, context: Context, *, mail_refused: bool = False) -> InvitationView:
    return InvitationView(
        id=row.id, organisation_id=row.organisation_id, email=row.email, role=MemberRole(row.role), state=InvitationState(row.state),
        invited_at=row.invited_at, expires_at=row.expires_at, expired=row.expires_at <= context.now,
        mail_refused=mail_refused,
    )  # fmt: skip
