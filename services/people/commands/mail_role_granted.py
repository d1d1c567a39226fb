"""RoleGranted: the person gets to know of it."""

from services.people.domain.mails import Template
from services.people.steps.mails import mail_person
from services.people.tables import PersonRow, RoleGrantRow
from shared.contracts.binding import require_equal, require_same
from shared.contracts.people import RoleGranted
from shared.messaging.context import Context


async def mail_role_granted(context: Context, event: RoleGranted) -> None:
    """A machine has no address. `Contradiction` when the role is another one than our own row says."""
    grant = await context.session.get_one(RoleGrantRow, event.grant_id)
    require_same(event, grant)
    for field in ("person_id", "role", "valid_from", "valid_until"):
        require_equal(event, field, getattr(event, field), getattr(grant, field))
    person = await context.session.get_one(PersonRow, grant.person_id)
    if not person.machine:
        facts = event.model_dump(mode="json", include={"role", "valid_from", "valid_until"})
        await mail_person(context, person, Template.ROLE_GRANTED, facts, region=grant.region)
