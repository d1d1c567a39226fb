"""Who has the link of an invitation, and has signed in, becomes a member."""

from services.people.domain.memberships import check_room
from services.people.domain.states import InvitationState
from services.people.locks import lock_open_person, lock_organisation
from services.people.queries.invitations import invitation_of, is_open, void_link
from services.people.queries.organisations import memberships_of, role_in
from services.people.queries.persons import own_person
from services.people.steps.memberships import join
from services.people.tables import InvitationRow
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context


async def accept_invitation(context: Context, secret: str) -> InvitationRow:
    """A link works once, until its day is over, while who invited is an owner. Who accepts it again changes nothing.

    `NotFound` 'void-link' for a link that was withdrawn, is over, used by somebody else or never was; `Conflict`
    'already-a-member', 'too-many-organisations'.
    """
    person = await own_person(context)
    row = await invitation_of(context, secret)
    if row is None:
        raise void_link()
    await lock_open_person(context, person.id)
    await lock_organisation(context, row.organisation_id)
    await context.session.refresh(row)
    if row.state == InvitationState.ACCEPTED and row.ended_by == context.actor.id:
        return row
    if not await is_open(context, row):
        raise void_link()
    if await role_in(context, row.organisation_id, person.id) is not None:
        raise Conflict("already-a-member", "You act for this organisation already.")
    check_room(len(await memberships_of(context, person.id)))
    row.state, row.ended_at, row.ended_by = InvitationState.ACCEPTED, context.now, context.actor.id
    await join(context, row.organisation_id, person.id, MemberRole(row.role), invitation_id=row.id)
    return row
