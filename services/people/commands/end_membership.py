"""A member leaves, or an owner ends a membership."""

from uuid import UUID

from services.people.domain.memberships import check_owner_remains
from services.people.queries.organisations import members_of
from services.people.queries.persons import actor_person
from services.people.steps.events import publish_people_event
from services.people.steps.memberships import lock_as_member, lock_as_owner, open_membership
from services.people.steps.revocations import void_tokens
from services.people.tables import MembershipRow
from shared.contracts.people import MemberLeft
from shared.messaging.context import Context


async def end_membership(context: Context, organisation_id: UUID, person_id: UUID, real_now: float) -> MembershipRow:
    """The person's tokens for the organisation are void within a minute.

    `Forbidden` 'not-a-member' or 'not-an-owner', `NotFound` 'unknown-member', `Conflict` 'last-owner'.
    """
    leaving = person_id == actor_person(context)
    await (lock_as_member if leaving else lock_as_owner)(context, organisation_id)
    row = await open_membership(context, organisation_id, person_id)
    check_owner_remains(await members_of(context, organisation_id), str(person_id))
    row.ended_at, row.ended_by = context.now, context.actor.id
    await void_tokens(context, person_id, real_now)
    left = MemberLeft(organisation_id=organisation_id, person_id=person_id)
    publish_people_event(context, left, "left" if leaving else "ended-by-owner")
    return row
