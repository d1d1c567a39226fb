"""A person whose mail came back says that the address is right."""

from services.people.locks import lock_open_person
from services.people.queries.mails import mail_refused_since
from services.people.queries.persons import own_person
from services.people.steps.events import publish_people_event
from shared.contracts.people import AddressConfirmed
from shared.messaging.context import Context


async def confirm_address(context: Context) -> None:
    """Reminders go there again. Where no mail came back, nothing changes. `Forbidden` 'no-person' or 'person-ended'."""
    person = await lock_open_person(context, (await own_person(context)).id)
    if await mail_refused_since(context, person) is not None:
        person.email_since = context.now
        publish_people_event(context, AddressConfirmed(person_id=person.id), "by-person")
