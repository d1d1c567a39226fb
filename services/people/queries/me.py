"""The person who asks."""

from services.people.queries.mails import mail_refused_since
from services.people.queries.organisations import own_organisations
from services.people.queries.persons import own_person
from services.people.queries.roles import own_roles
from services.people.queries.views import MeView
from shared.messaging.context import Context


async def read_me(context: Context) -> MeView:
    """`Forbidden` 'no-person' or 'person-ended'."""
    person = await own_person(context)
    return MeView(
        id=person.id, name=person.name, email=person.email, email_verified=person.email_verified, language=person.language,
        task_mail=person.task_mail, mail_refused_since=await mail_refused_since(context, person), registered_at=person.registered_at,
        organisations=await own_organisations(context, person.id), roles=await own_roles(context, person.id),
    )  # fmt: skip
