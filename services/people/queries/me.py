"""The person who asks."""

from sqlalchemy import bindparam, exists, select
from sqlmodel import col

from services.people.queries.mails import MAIL_REFUSED_SINCE
from services.people.queries.organisations import own_organisations
from services.people.queries.persons import actor_person, checked_person
from services.people.queries.roles import own_roles
from services.people.queries.views import MeView
from services.people.tables import PersonRow, RoleGrantRow
from shared.messaging.context import Context

_ME = select(PersonRow, MAIL_REFUSED_SINCE, exists().where(col(RoleGrantRow.person_id) == col(PersonRow.id))).where(
    col(PersonRow.id) == bindparam("person")
)


async def read_me(context: Context) -> MeView:
    """`Forbidden` 'no-person' or 'person-ended'."""
    found = (await context.session.execute(_ME, {"person": actor_person(context)})).one_or_none()
    person = checked_person(found and found[0])
    return MeView(
        id=person.id, name=person.name, email=person.email, email_verified=person.email_verified, language=person.language,
        language_chosen=person.language_chosen,
        task_mail=person.task_mail, mail_refused_since=found and found[1], registered_at=person.registered_at,
        organisations=await own_organisations(context, person.id), roles=await own_roles(context, person.id) if found and found[2] else [],
    )  # fmt: skip
