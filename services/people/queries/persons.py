"""Persons, by id."""

from uuid import UUID

from services.people.domain.persons import person_ended, unknown_person
from services.people.queries.roles import roles_in_force
from services.people.tables import PersonRow
from shared.identity.actor import Role
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context


def actor_person(context: Context) -> UUID:
    """The id of the person who acts. `Forbidden` 'no-person' for a token that is of nobody in this database."""
    try:
        return UUID(context.actor.id)
    except ValueError as error:
        raise _no_person() from error


async def own_person(context: Context) -> PersonRow:
    """The person who acts. `Forbidden` 'no-person' or 'person-ended'."""
    return checked_person(await context.session.get(PersonRow, actor_person(context)))


def checked_person(person: PersonRow | None) -> PersonRow:
    """Who has signed in here, and has an open account. `Forbidden` 'no-person' or 'person-ended'."""
    if person is None:
        raise _no_person()
    if person.ended_at is not None:
        raise person_ended()
    return person


async def known_person(context: Context, person_id: UUID) -> PersonRow:
    """`NotFound` 'unknown-person'."""
    person = await context.session.get(PersonRow, person_id)
    if person is None:
        raise unknown_person()
    return person


async def administered_person(context: Context, person_id: UUID) -> PersonRow:
    """A person with a role in force, by the events of the decisions, in a region of which the actor is an administrator; or a machine that
    the actor registered. `NotFound` 'unknown-person' for everybody else: a role that is only proposed, or is over, opens no account."""
    person, regions = await known_person(context, person_id), context.actor.regions_as(Role.ADMINISTRATOR)
    held = {grant.region for grant in await roles_in_force(context, person_id)}
    if person.registered_by != context.actor.id and not held & regions:
        raise unknown_person()
    return person


def _no_person() -> Forbidden:
    return Forbidden("no-person", "This token is of no person who has signed in here.")
