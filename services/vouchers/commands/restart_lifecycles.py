"""After a restore Temporal is empty: which workflows the rows call for."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import col

from services.vouchers.deadlines.queries.running import list_calls, list_running_milestones
from services.vouchers.deadlines.tables import CallRow, MilestoneRow
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import AwardRow, VoucherRow
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Restart:
    """The rows that need a workflow: awards whose voucher is not closed or not written yet, calls, single deadlines."""

    awards: list[AwardRow]
    calls: list[CallRow]
    milestones: list[MilestoneRow]


async def restart_lifecycles(context: Context) -> Restart:
    """Returns what has to run. Each workflow then reads its row, which holds all effects of the steps of its lost run."""
    still_open = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
    awards = select(AwardRow).outerjoin(VoucherRow, col(VoucherRow.award_id) == col(AwardRow.id)).where(still_open)
    found = (await context.session.scalars(awards.order_by(col(AwardRow.id)))).all()
    return Restart(list(found), await list_calls(context), await list_running_milestones(context))
