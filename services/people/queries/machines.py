"""Machines with an account of their own."""

from uuid import UUID

from services.people.domain.persons import person_ended
from services.people.domain.roles import NO_MACHINE
from services.people.domain.secrets import is_secret
from services.people.queries.roles import roles_in_force
from services.people.tables import PersonRow
from shared.identity.actor import Grant
from shared.kernel.errors import Unauthenticated
from shared.messaging.context import Context


async def known_machine(context: Context, client: str, secret: str) -> PersonRow:
    """`Unauthenticated` 'unknown-client', also for a wrong secret; `Forbidden` 'person-ended', also when the account of who registered it,
    and answers for it, was closed."""
    try:
        row = await context.session.get(PersonRow, UUID(client))
    except ValueError:
        row = None
    if row is None or row.secret_hash is None or not is_secret(secret, row.secret_hash):
        raise Unauthenticated("unknown-client", "There is no such client, or its secret is another one.")
    owner = await context.session.get(PersonRow, UUID(row.registered_by))
    if row.ended_at is not None or owner is None or owner.ended_at is not None:
        raise person_ended()
    return row


async def roles_of_machine(context: Context, machine_id: UUID) -> frozenset[Grant]:
    return frozenset(grant for grant in await roles_in_force(context, machine_id) if grant.role not in NO_MACHINE)
