"""ApplicantJoined: the organisation has begun an application, of which its members are reminded."""

from sqlalchemy.dialects.postgresql import insert

from services.people.queries.cases import reported_case
from services.people.tables import CaseRow
from shared.contracts.applications import ApplicantJoined
from shared.database.base import table_of
from shared.messaging.context import Context


async def record_draft(context: Context, event: ApplicantJoined) -> None:
    """The first person of an application makes it known. `Contradiction` when a later one says something else about it."""
    await context.session.execute(insert(table_of(CaseRow)).values(event.model_dump()).on_conflict_do_nothing())
    await reported_case(context, event)
