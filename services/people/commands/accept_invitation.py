"""Who has the link of an invitation, and has signed in, becomes a member."""

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.memberships import check_room
from services.people.domain.secrets import hash_of
from services.people.domain.states import InvitationState
from services.people.locks import lock_open_person, lock_organisation
from services.people.queries.organisations import members_of, memberships_of, role_in
from services.people.queries.persons import own_person
from services.people.steps.memberships import join
from services.people.tables import InvitationRow
from shared.contracts.people import MemberInvited
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context
from shared.messaging.proven import proven_events


async def accept_invitation(context: Context, secret: str) -> InvitationRow:
    """A link works once, until its day is over, while who invited is an owner. Who accepts it again changes nothing.

    `NotFound` 'void-link' for a link that was withdrawn, is over, used by somebody else or never was; `Conflict`
    'already-a-member', 'too-many-organisations'.
    """
    person = await own_person(context)
    row = await context.session.scalar(select(InvitationRow).where(col(InvitationRow.secret_hash) == hash_of(secret)))
    if row is None or not await _was_invited(context, row):
        raise _void()
    await lock_open_person(context, person.id)
    await lock_organisation(context, row.organisation_id)
    await context.session.refresh(row)
    if row.state == InvitationState.ACCEPTED and row.ended_by == context.actor.id:
        return row
    inviter = (await members_of(context, row.organisation_id)).get(str(row.invited_by))
    if row.state != InvitationState.OPEN or row.expires_at <= context.now or inviter is not MemberRole.OWNER:
        raise _void()
    if await role_in(context, row.organisation_id, person.id) is not None:
        raise Conflict("already-a-member", "You act for this organisation already.")
    check_room(len(await memberships_of(context, person.id)))
    row.state, row.ended_at, row.ended_by = InvitationState.ACCEPTED, context.now, context.actor.id
    await join(context, row.organisation_id, person.id, MemberRole(row.role), invitation_id=row.id)
    return row


async def _was_invited(context: Context, row: InvitationRow) -> bool:
    """By the event: a row can be written by who has the password of the database alone."""
    events = await proven_events(context.session, [row.organisation_id], MemberInvited)
    return any((event.body["invitation_id"], event.body["role"]) == (str(row.id), row.role) for event in events)


def _void() -> NotFound:
    return NotFound("void-link", "This link does not work: it was used by somebody or withdrawn, or its time is over.")
