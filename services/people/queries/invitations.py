"""Invitations to act for an organisation, by the secret of their link."""

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.secrets import hash_of
from services.people.domain.states import InvitationState
from services.people.queries.organisations import members_of
from services.people.queries.persons import actor_person
from services.people.queries.views import OfferedInvitationView
from services.people.tables import InvitationRow, OrganisationRow
from shared.contracts.people import MemberInvited
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context
from shared.messaging.proven import proven_events
from shared.privacy.sealed import without


async def invitation_of(context: Context, secret: str) -> InvitationRow | None:
    """The invitation whose link has the secret. By the event too: a row can be written by who has the password of the database alone."""
    row: InvitationRow | None = await context.session.scalar(select(InvitationRow).where(col(InvitationRow.secret_hash) == hash_of(secret)))
    if row is None:
        return None
    events = await proven_events(context.session, [row.organisation_id], MemberInvited)
    is_said = any((event.body["invitation_id"], event.body["role"]) == (str(row.id), row.role) for event in events)
    return row if is_said else None


async def is_open(context: Context, row: InvitationRow) -> bool:
    """Until its day is over, while who invited is an owner."""
    inviter = (await members_of(context, row.organisation_id)).get(str(row.invited_by))
    return row.state == InvitationState.OPEN and row.expires_at > context.now and inviter is MemberRole.OWNER


async def read_invitation(context: Context, secret: str) -> OfferedInvitationView:
    """What who has the link decides on: for which organisation, in which role, until when. `NotFound` 'void-link' where it cannot be
    accepted any more; who has accepted it reads it again."""
    actor = str(actor_person(context))
    row = await invitation_of(context, secret)
    accepted = row is not None and row.state == InvitationState.ACCEPTED and row.ended_by == actor
    if row is None or not (accepted or await is_open(context, row)):
        raise void_link()
    unseen = without(OrganisationRow.tax_number, OrganisationRow.seat, OrganisationRow.size)
    named = select(OrganisationRow).where(col(OrganisationRow.id) == row.organisation_id).options(*unseen)
    organisation = (await context.session.scalars(named)).one()
    return OfferedInvitationView(organisation=organisation.name, role=MemberRole(row.role), expires_at=row.expires_at, accepted=accepted)


def void_link() -> NotFound:
    return NotFound("void-link", "This link does not work: it was used by somebody or withdrawn, or its time is over.")
