"""After a restore Temporal is empty: which workflows the rows call for, and nothing of what their lost runs had noted."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import col

from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import voucher_workflow
from services.vouchers.tables import CallRow, MilestoneRow, StepRow, VoucherRow
from services.vouchers.workflows.models import Award, Calendar, Deadline
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Inputs of the workflows to be started."""

    awards: list[Award]
    calendars: list[Calendar]
    deadlines: list[Deadline]


async def begin_anew(context: Context, clock: ProgrammeClock) -> Unfinished:
    """The steps of unfinished lifecycles are forgotten: a lifecycle that runs again counts them from one, and a step that is known by
    its number would return what another one found. Each then reads the row, which holds all that they have brought about."""
    vouchers = (
        await context.session.scalars(select(VoucherRow).where(col(VoucherRow.state) != Stage.CLOSED).order_by(col(VoucherRow.id)))
    ).all()
    calls = (await context.session.scalars(select(CallRow).order_by(col(CallRow.id)))).all()
    running = col(MilestoneRow.reached_at).is_(None), col(MilestoneRow.ended_at).is_(None)
    milestones = (await context.session.scalars(select(MilestoneRow).where(*running).order_by(col(MilestoneRow.subject_id)))).all()
    again = [voucher_workflow(row.award_id) for row in vouchers]
    await context.session.execute(delete(StepRow).where(col(StepRow.workflow_id).in_(again)))
    return Unfinished(
        [Award(voucher_id=row.id, clock=clock, **row.model_dump(include=set(Award.model_fields))) for row in vouchers],
        [Calendar(call_id=row.id, region=row.region, policy_id=row.policy_id, clock=clock) for row in calls],
        [Deadline(clock=clock, **row.model_dump(include=set(Deadline.model_fields))) for row in milestones],
    )
