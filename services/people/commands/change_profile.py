"""A person chooses the language of pages and mail."""

from services.people.queries.persons import own_person
from services.people.steps.events import publish_people_event
from services.people.tables import PersonRow
from shared.contracts.people import ProfileChanged
from shared.messaging.context import Context


async def change_profile(context: Context, language: str) -> PersonRow:
    """Name and address are changed at the identity provider."""
    person = await own_person(context)
    if person.language != language:
        person.language = language
        publish_people_event(context, ProfileChanged(person_id=person.id, fields=["language"]), "own-choice")
    return person
