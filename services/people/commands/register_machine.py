"""An administrator registers a machine that calls the APIs by itself. It has no role until one is given to it, like a person. Who
registers it answers for it: what it does counts as that person's act."""

from services.people.domain.secrets import hash_of
from services.people.locks import lock_open_person
from services.people.queries.persons import actor_person
from services.people.steps.events import publish_people_event
from services.people.steps.secrets import new_secret
from services.people.tables import PersonRow
from shared.contracts.people import PersonRegistered
from shared.identity.permissions import Permission, require_role
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def register_machine(context: Context, name: str) -> tuple[PersonRow, str]:
    """The machine, whose id is its client id, and its secret, which is shown once. `Forbidden` 'no-person'."""
    require_role(context.actor, Permission.MANAGE_ROLES)
    owner = await lock_open_person(context, actor_person(context))
    secret = new_secret()
    row = PersonRow(
        id=new_id(),
        machine=True,
        name=name,
        secret_hash=hash_of(secret),
        registered_by=str(owner.id),
        registered_at=context.now,
    )
    context.session.add(row)
    await context.session.flush()
    publish_people_event(context, PersonRegistered(person_id=row.id, machine=True), "registered-by-administrator")
    return row, secret
