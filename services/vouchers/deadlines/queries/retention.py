"""Where the daily announcements of retention stand."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.deadlines.tables import CallDateRow, CallRow, MilestoneRow
from shared.kernel.ids import region_id
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context


async def any_term_begun(context: Context, region: str, by: datetime) -> bool:
    """Has a call of the region closed whose policy sets terms? A region that nobody knows has none: a workflow's input is no authority."""
    closed = (
        col(CallDateRow.kind) == MilestoneKind.CALL_CLOSES, col(CallDateRow.replaced_at).is_(None), col(CallDateRow.due_at) <= by,
    )  # fmt: skip
    query = select(col(CallRow.policy_id)).join(CallDateRow, col(CallDateRow.call_id) == col(CallRow.id))
    policies = await context.session.scalars(query.where(col(CallRow.region) == region, *closed).distinct())
    return any(context.policies.get(policy_id).retention is not None for policy_id in policies)


async def late_retention(context: Context, region: str) -> str | None:
    """After which day nothing was announced, when that is before yesterday: the schedule has its hour, so today may still come."""
    yesterday = context.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    last = await context.session.get(MilestoneRow, (region_id(region), MilestoneKind.RETENTION_DUE))
    is_late = await any_term_begun(context, region, yesterday) and (last is None or last.due_at < yesterday)
    return f"after {last and last.due_at}" if is_late else None
