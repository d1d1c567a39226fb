"""The operator closes the account of a person who has asked for it by letter: by the same rules, with the same end."""

from uuid import UUID

from services.people.steps.erasure import close_and_erase
from services.people.tables import PersonRow
from shared.messaging.context import Context


async def erase_person_as_operator(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """No route leads here. As `close_and_erase`."""
    return await close_and_erase(context, person_id, reason, real_now)
