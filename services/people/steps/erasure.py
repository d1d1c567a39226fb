"""An account is closed for good: what is known of the person goes at once, or when the term of the roles that the person had is over."""

from uuid import UUID

from services.people.domain.closing import check_closable
from services.people.domain.persons import unknown_person
from services.people.queries.closing import may_be_erased, obstacles
from services.people.steps.closing import close_account, erase_person, forget_address, lock_for_closing
from services.people.tables import PersonRow
from shared.messaging.context import Context
from shared.privacy.keys import is_destroyed


async def close_and_erase(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """Repeating changes nothing. An account that an administrator has closed stays shut to its name at the provider, of which the keyed
    hash is kept; of an own closing nothing is kept, so that the next sign-in is of a new person.

    `NotFound` 'unknown-person', also for a machine; `Conflict` 'last-owner', 'running-cases' or 'last-administrator'.
    """
    person = await lock_for_closing(context, person_id)
    if person.machine:
        raise unknown_person()
    if person.erasing or await is_destroyed(context.session, person_id):
        return person
    shut = person.ended_at is not None
    if not shut:
        check_closable(await obstacles(context, person_id))
        await close_account(context, person, reason, real_now)
    await forget_address(context, person, stays_shut=shut)
    person.erasing = True
    if await may_be_erased(context, person):
        await erase_person(context, person, reason)
    return person


async def close_again(context: Context, person_id: UUID, reason: str, real_now: float) -> None:
    """What a restored database has forgotten. Nothing keeps it: the organisation may have got its other owner after the backup."""
    person = await lock_for_closing(context, person_id)
    shut = person.ended_at is not None and not person.erasing
    if person.ended_at is None:
        await close_account(context, person, reason, real_now)
    await forget_address(context, person, stays_shut=shut)
    await erase_person(context, person, reason)
