"""Sign-ins end. Instants are real time."""

from datetime import UTC, datetime
from uuid import UUID

from services.people.locks import lock_person
from services.people.queries.sign_ins import lasting_sign_ins
from services.people.steps.events import publish_people_event
from services.people.steps.revocations import void_sign_ins
from services.people.tables import PersonRow
from shared.contracts.people import SignInsEnded
from shared.messaging.context import Context


async def sign_out(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """Everywhere. `NotFound` 'unknown-person'."""
    person = await lock_person(context, person_id)
    rows = await lasting_sign_ins(context, person_id, real_now)
    for row in rows:
        row.ended_at = datetime.fromtimestamp(real_now, UTC)
    await void_sign_ins(context, person_id, real_now)
    publish_people_event(context, SignInsEnded(person_id=person_id, sign_ins=len(rows)), reason)
    return person
