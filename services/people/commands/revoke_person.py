"""The operator signs somebody out everywhere."""

from uuid import UUID

from services.people.steps.revocations import void_sign_ins
from services.people.steps.sign_ins import sign_out
from services.people.tables import PersonRow
from shared.messaging.context import Context


async def revoke_person(context: Context, person: str, reason: str, real_now: float) -> None:
    """Every sign-in until now; `person` is the id that tokens have. No route leads here."""
    known = await _known(context, person)
    if known is None:
        await void_sign_ins(context, person, real_now)
    else:
        await sign_out(context, known, reason, real_now)


async def _known(context: Context, person: str) -> UUID | None:
    try:
        person_id = UUID(person)
    except ValueError:
        return None
    return person_id if await context.session.get(PersonRow, person_id) else None
