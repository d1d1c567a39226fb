"""What waits in a region, as a service has counted it, is kept until digests are made of it."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.people.tables import TaskCountRow
from shared.database.base import table_of
from shared.messaging.context import Context


async def store_tasks(context: Context, service: str, region: str, tasks: list[dict[str, Any]]) -> None:
    """As they were counted at the time of the event, or now."""
    table, counted_at = table_of(TaskCountRow), context.happened_at
    write = insert(table).values(service=service, region=region, counted_at=counted_at, tasks=tasks)
    newer = write.on_conflict_do_update(
        index_elements=["service", "region"],
        set_={"counted_at": counted_at, "tasks": tasks, "mailed_at": None},
        where=col(TaskCountRow.counted_at) < counted_at,
    )
    await context.session.execute(newer)
