"""The person who asks."""

from sqlalchemy import select
from sqlmodel import col

from services.people.queries.mails import MAIL_REFUSED_SINCE
from services.people.queries.organisations import own_organisations
from services.people.queries.persons import actor_person, checked_person
from services.people.queries.roles import own_roles
from services.people.queries.views import MeView
from services.people.tables import PersonRow
from shared.messaging.context import Context


async def read_me(context: Context) -> MeView:
    """`Forbidden` 'no-person' or 'person-ended'."""
    query = select(PersonRow, MAIL_REFUSED_SINCE).where(col(PersonRow.id) == actor_person(context))
    found = (await context.session.execute(query)).one_or_none()
    person = checked_person(found and found[0])
    return MeView(
        id=person.id, name=person.name, email=person.email, email_verified=person.email_verified, language=person.language,
        language_chosen=person.language_chosen,
        task_mail=person.task_mail, mail_refused_since=found and found[1], registered_at=person.registered_at,
        organisations=await own_organisations(context, person.id), roles=await own_roles(context, person.id),
    )  # fmt: skip
