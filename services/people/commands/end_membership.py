"""A member leaves, or an owner ends a membership."""

from uuid import UUID

from services.people.queries.persons import actor_person
from services.people.steps.memberships import end_open_membership, lock_as_member, lock_as_owner, open_membership
from services.people.steps.revocations import void_tokens
from services.people.tables import MembershipRow
from shared.messaging.context import Context


async def end_membership(context: Context, organisation_id: UUID, person_id: UUID, real_now: float) -> MembershipRow:
    """The person's tokens for the organisation are void within a minute, the invitations of the person at once.

    `Forbidden` 'not-a-member' or 'not-an-owner', `NotFound` 'unknown-member', `Conflict` 'last-owner'.
    """
    leaving = person_id == actor_person(context)
    await (lock_as_member if leaving else lock_as_owner)(context, organisation_id)
    row = await open_membership(context, organisation_id, person_id)
    await end_open_membership(context, row, "left" if leaving else "ended-by-owner")
    await void_tokens(context, person_id, real_now)
    return row
