"""A person closes the own account, and has what is known of them erased."""

from services.people.queries.persons import actor_person
from services.people.steps.erasure import close_and_erase
from services.people.tables import PersonRow
from shared.identity.permissions import require_fresh
from shared.messaging.context import Context

REASON = "own-choice"


async def close_own_account(context: Context, real_now: float) -> PersonRow:
    """Its tokens are void within a minute, also those of its machines. `FreshSignInNeeded`, `Forbidden` 'no-person', and as
    `close_and_erase`."""
    require_fresh(context.actor)
    return await close_and_erase(context, actor_person(context), REASON, real_now)
