"""Announces, once a programme day, that the cases of a region whose term is over may lose their content."""

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.deadlines.locks import lock_milestone
from services.vouchers.deadlines.tables import CallDateRow, CallRow, MilestoneRow
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import region_id
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def announce_retention(context: Context, region: str) -> None:
    """Nothing happens when this day (UTC) was announced: a schedule may run a workflow twice, and a worker a step. Nor where no term can
    have begun."""
    if not await _any_term_begun(context, region):
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


async def _any_term_begun(context: Context, region: str) -> bool:
    """Has a call of the region closed whose policy sets terms? A region that nobody knows has none: a workflow's input is no authority."""
    closed = (
        col(CallDateRow.kind) == MilestoneKind.CALL_CLOSES, col(CallDateRow.replaced_at).is_(None), col(CallDateRow.due_at) <= context.now,
    )  # fmt: skip
    query = select(col(CallRow.policy_id)).join(CallDateRow, col(CallDateRow.call_id) == col(CallRow.id))
    policies = await context.session.scalars(query.where(col(CallRow.region) == region, *closed).distinct())
    return any(context.policies.get(policy_id).retention is not None for policy_id in policies)
