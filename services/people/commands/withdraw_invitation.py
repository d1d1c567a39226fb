"""An owner takes an invitation back: its link is void."""

from uuid import UUID

from services.people.domain.states import InvitationState
from services.people.steps.memberships import lock_as_owner, withdraw
from services.people.tables import InvitationRow
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context


async def withdraw_invitation(context: Context, organisation_id: UUID, invitation_id: UUID) -> InvitationRow:
    """`Forbidden` 'not-a-member' or 'not-an-owner', `NotFound` 'unknown-invitation', `Conflict` 'invitation-used'."""
    await lock_as_owner(context, organisation_id)
    row = await context.session.get(InvitationRow, invitation_id, populate_existing=True)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("unknown-invitation", "There is no such invitation.")
    if row.state == InvitationState.ACCEPTED:
        raise Conflict("invitation-used", "The invitation was accepted: end the membership instead.")
    if row.state == InvitationState.OPEN:
        withdraw(context, row, "withdrawn-by-owner")
    return row
