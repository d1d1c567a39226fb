"""News for a lifecycle that has ended."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.tables import LateNewsRow
from services.vouchers.workflows.models import News


async def record_late_news(session: AsyncSession, workflow_id: str, news: News) -> None:
    """What comes after the end is kept for whoever looks into the case; nothing is restarted."""
    values = {"event_id": news.event_id, "workflow_id": workflow_id, "news": news.heard}
    await session.execute(insert(LateNewsRow).values(values).on_conflict_do_nothing())
