"""After a restore: a person on the list of erasures has no key any more, but may have an account again, roles and memberships."""

from dataclasses import replace

from sqlalchemy import or_, select
from sqlmodel import col

from services.people.steps.erasure import close_again
from services.people.tables import PersonRow
from shared.identity.actor import Actor
from shared.messaging.context import Context
from shared.privacy.keys import SubjectKeyRow

REASON = "restored"


async def repeat_closings(context: Context, real_now: float) -> None:
    """Each as the act of its person, which it was."""
    undone = or_(col(PersonRow.ended_at).is_(None), col(PersonRow.email_key).is_not(None), col(PersonRow.erasing))
    query = (
        select(col(PersonRow.id))
        .join(SubjectKeyRow, col(SubjectKeyRow.subject_id) == col(PersonRow.id))
        .where(col(SubjectKeyRow.destroyed_at).is_not(None), undone)
    )
    for person_id in list(await context.session.scalars(query.order_by(col(PersonRow.id)))):
        await close_again(replace(context, actor=Actor(str(person_id), frozenset())), person_id, REASON, real_now)
