"""CallPublished: members are reminded of its close."""

from sqlalchemy.dialects.postgresql import insert

from services.people.queries.cases import known_call
from services.people.tables import CallRow
from shared.contracts.applications import CallPublished
from shared.contracts.binding import require_equal
from shared.database.base import table_of
from shared.messaging.context import Context


async def record_call(context: Context, event: CallPublished) -> None:
    """`Contradiction` when the call is of another region."""
    values = {"id": event.call_id, "region": event.region, "closes_at": event.closes_at, "title": event.title or {}}
    await context.session.execute(insert(table_of(CallRow)).values(values).on_conflict_do_nothing())
    call = await known_call(context, event.call_id)
    require_equal(event, "region", event.region, call.region)
