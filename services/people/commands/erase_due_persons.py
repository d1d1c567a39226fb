"""Closed accounts whose term is over lose name and address."""

from sqlalchemy import select
from sqlmodel import col

from services.people.queries.closing import may_be_erased
from services.people.steps.closing import erase_person
from services.people.tables import PersonRow
from shared.messaging.context import Context

REASON = "term-over"


async def erase_due_persons(context: Context) -> None:
    query = select(PersonRow).where(col(PersonRow.erasing)).order_by(col(PersonRow.id)).with_for_update(of=PersonRow)
    for person in list(await context.session.scalars(query)):
        if await may_be_erased(context, person):
            await erase_person(context, person, REASON)
