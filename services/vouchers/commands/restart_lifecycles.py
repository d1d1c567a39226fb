"""After a restore Temporal is empty: which workflows the rows call for."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import col

from services.vouchers.deadlines.queries.running import calendar_inputs, milestone_inputs
from services.vouchers.deadlines.workflows.models import CallCalendarInput, MilestoneInput
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import voucher_workflow
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import LifecycleInput
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Restart:
    """Inputs of the workflows to start."""

    lifecycles: list[LifecycleInput]
    calendars: list[CallCalendarInput]
    milestones: list[MilestoneInput]


async def restart_lifecycles(context: Context, clock: ProgrammeClock) -> Restart:
    """Returns the inputs of all unfinished workflows, and deletes the recorded steps of unfinished lifecycles.

    A restarted lifecycle counts its steps from one, so a recorded step of the same number would return the result of another step.
    Each lifecycle then reads its voucher's row, which holds all effects of the earlier steps.
    """
    query = select(VoucherRow).where(col(VoucherRow.state) != Stage.CLOSED).order_by(col(VoucherRow.id))
    vouchers = (await context.session.scalars(query)).all()
    workflows = [voucher_workflow(row.award_id) for row in vouchers]
    await context.session.execute(delete(StepRow).where(col(StepRow.workflow_id).in_(workflows)))
    return Restart(
        [LifecycleInput(voucher_id=row.id, clock=clock, **row.model_dump(include=set(LifecycleInput.model_fields))) for row in vouchers],
        await calendar_inputs(context, clock),
        await milestone_inputs(context, clock),
    )
