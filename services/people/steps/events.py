"""Events of people: decided by the law of the platform, not by the policy of a region."""

from uuid import UUID

from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleEnded, RoleGranted, RoleProposed, RoleRefused
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.outbox import publish

Period = RoleProposed | RoleGranted


def publish_people_event(context: Context, event: Event, reason: str) -> UUID:
    return publish(context, event, reason=reason, policy_id="")


def publish_role(context: Context, grant: RoleGrantRow, contract: type[Event], reason: str) -> UUID:
    """`contract` is one of the four about a role."""
    fields = {"person_id": grant.person_id, "grant_id": grant.id, "role": grant.role, "region": grant.region}
    if contract in (RoleProposed, RoleGranted):
        fields |= {"valid_from": grant.valid_from, "valid_until": grant.valid_until}
    assert contract in (RoleProposed, RoleGranted, RoleRefused, RoleEnded)
    return publish_people_event(context, contract(**fields), reason)
