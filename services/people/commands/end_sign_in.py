"""A person signs out of one session, here or from another device."""

from datetime import UTC, datetime
from uuid import UUID

from services.people.queries.persons import actor_person
from services.people.steps.revocations import void_sign_in
from services.people.tables import SignInRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def end_sign_in(context: Context, sign_in_id: UUID, real_now: float) -> SignInRow:
    """Its tokens are void within a minute. Repeating changes nothing. `NotFound` 'unknown-sign-in' for one of another person."""
    row = await context.session.get(SignInRow, sign_in_id, with_for_update=True)
    if row is None or row.person_id != actor_person(context):
        raise NotFound("unknown-sign-in", "You have no such session.")
    if row.ended_at is None:
        row.ended_at = datetime.fromtimestamp(real_now, UTC)
        await void_sign_in(context, row.id, real_now)
    return row
