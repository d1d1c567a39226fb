"""What a token says of the person: roles of the agency, or the organisation for which an applicant acts; never both."""

from dataclasses import dataclass
from uuid import UUID

from services.people.domain.memberships import check_member
from services.people.queries.organisations import role_in
from services.people.queries.roles import roles_in_force
from shared.identity.actor import Grant, Role, grants
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Hat:
    """As what a person acts."""

    person_id: UUID
    grants: frozenset[Grant]
    organisation_id: UUID | None


async def hat_of(context: Context, person_id: UUID, organisation_id: UUID | None) -> Hat:
    """An applicant may apply in every region. A person without a role has a token without roles. `Forbidden` 'not-a-member'."""
    if organisation_id is None:
        return Hat(person_id, await roles_in_force(context, person_id), None)
    check_member(await role_in(context, organisation_id, person_id))
    regions = {policy.region for policy in context.policies.all()}
    return Hat(person_id, grants({Role.APPLICANT}, regions), organisation_id)
