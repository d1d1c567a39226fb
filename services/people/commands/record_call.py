"""CallPublished: members are reminded of its close."""

from sqlalchemy.dialects.postgresql import insert

from services.people.tables import CallRow
from shared.contracts.applications import CallPublished
from shared.database.base import table_of
from shared.messaging.context import Context


async def record_call(context: Context, event: CallPublished) -> None:
    values = {"id": event.call_id, "region": event.region, "closes_at": event.closes_at}
    await context.session.execute(insert(table_of(CallRow)).values(values).on_conflict_do_nothing())
