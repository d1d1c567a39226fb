"""Machines with an account of their own."""

from uuid import UUID

from services.people.domain.secrets import is_secret
from services.people.queries.persons import person_ended
from services.people.tables import PersonRow
from shared.kernel.errors import Unauthenticated
from shared.messaging.context import Context


async def known_machine(context: Context, client: str, secret: str) -> UUID:
    """`Unauthenticated` 'unknown-client', also for a wrong secret; `Forbidden` 'person-ended'."""
    try:
        row = await context.session.get(PersonRow, UUID(client))
    except ValueError:
        row = None
    if row is None or row.secret_hash is None or not is_secret(secret, row.secret_hash):
        raise Unauthenticated("unknown-client", "There is no such client, or its secret is another one.")
    if row.ended_at is not None:
        raise person_ended()
    return row.id
