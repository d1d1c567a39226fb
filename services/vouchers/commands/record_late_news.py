"""News for a lifecycle that has ended."""

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.tables import LateSignalRow
from services.vouchers.workflows.models import News
from shared.messaging.context import Context


async def record_late_news(context: Context, workflow_id: str, news: News) -> None:
    """What comes after the end is kept for whoever looks into the case; nothing is restarted."""
    values = {"event_id": news.event_id, "workflow_id": workflow_id, "signal": news.heard}
    await context.session.execute(insert(LateSignalRow).values(values).on_conflict_do_nothing())
