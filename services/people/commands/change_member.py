"""An owner gives a member another role in the organisation. Invitations of who is no owner any more are withdrawn."""

from uuid import UUID

from services.people.domain.memberships import check_owner_remains
from services.people.queries.organisations import members_of
from services.people.steps.events import publish_people_event
from services.people.steps.memberships import lock_as_owner, open_membership, withdraw_invitations
from services.people.tables import MembershipRow
from shared.contracts.people import MemberChanged
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context


async def change_member(context: Context, organisation_id: UUID, person_id: UUID, role: MemberRole) -> MembershipRow:
    """`Forbidden` 'not-a-member' or 'not-an-owner', `NotFound` 'unknown-member', `Conflict` 'last-owner'."""
    await lock_as_owner(context, organisation_id)
    row = await open_membership(context, organisation_id, person_id)
    if row.role != role:
        if role is not MemberRole.OWNER:
            check_owner_remains(await members_of(context, organisation_id), str(person_id))
            await withdraw_invitations(context, organisation_id, person_id)
        row.role = role
        changed = MemberChanged(organisation_id=organisation_id, person_id=person_id, role=role)
        publish_people_event(context, changed, "changed-by-owner")
    return row
