"""A person chooses the language of pages and mail, and whether a daily mail says what waits."""

from services.people.queries.persons import own_person
from services.people.steps.events import publish_people_event
from services.people.tables import PersonRow
from shared.contracts.people import ProfileChanged
from shared.messaging.context import Context


async def change_profile(context: Context, language: str, task_mail: bool | None = None) -> PersonRow:
    """`task_mail` None leaves it as it is, and says that the language was chosen. Name and address are changed at the identity provider."""
    person, fields = await own_person(context), []
    if task_mail is None:
        person.language_chosen = True
    if person.language != language:
        person.language, person.language_chosen = language, True
        fields.append("language")
    if task_mail is not None and person.task_mail != task_mail:
        person.task_mail = task_mail
        fields.append("task-mail")
    if fields:
        publish_people_event(context, ProfileChanged(person_id=person.id, fields=fields), "own-choice")
    return person
