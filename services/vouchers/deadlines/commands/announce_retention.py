"""Announces, once a programme day, that the cases of a region whose term is over may lose their content."""

from services.vouchers.deadlines.locks import lock_milestone
from services.vouchers.deadlines.queries.retention import any_term_begun
from services.vouchers.deadlines.tables import MilestoneRow
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import region_id
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def announce_retention(context: Context, region: str) -> None:
    """Nothing happens when this day (UTC) was announced: a schedule may run a workflow twice, and a worker a step. Nor where no term can
    have begun."""
    if not await any_term_begun(context, region, context.now):
        return
    subject = region_id(region)
    today = context.now.replace(hour=0, minute=0, second=0, microsecond=0)
    row = await lock_milestone(context, subject, MilestoneKind.RETENTION_DUE)
    if row is None:
        row = MilestoneRow(subject_id=subject, kind=MilestoneKind.RETENTION_DUE, case_id=subject, region=region, policy_id="", due_at=today)
        context.session.add(row)
    elif row.due_at >= today:
        return
    row.due_at, row.reached_at = today, context.now
    milestone = MilestoneReached(subject_id=subject, case_id=subject, region=region, kind=MilestoneKind.RETENTION_DUE, due_at=today)
    publish(context, milestone, reason="deadline", policy_id="")
