"""What waits for officers of vouchers."""

from sqlalchemy import func, select
from sqlmodel import col

from services.vouchers.domain.changes import ChangeState
from services.vouchers.domain.risk import Risk
from services.vouchers.queries.vouchers import at_risk
from services.vouchers.tables import ChangeRow, VoucherRow
from shared.contracts.common import WaitingTask
from shared.kernel.vocabulary import TaskKind
from shared.messaging.context import Context


async def waiting_tasks(context: Context, region: str) -> list[WaitingTask]:
    """Of a region. Vouchers that end soon, or of which nothing was claimed, are the beneficiary's to use: no task of an officer."""
    changes = select(func.count()).where(col(ChangeRow.region) == region, col(ChangeRow.state) == ChangeState.OPEN)
    suspended = select(func.count()).where(col(VoucherRow.region) == region, *at_risk(Risk.SUSPENDED, context.now))
    counts = {TaskKind.CHANGES: changes, TaskKind.SUSPENDED_VOUCHERS: suspended}
    found = [(kind, await context.session.scalar(query)) for kind, query in counts.items()]
    return [WaitingTask(kind=kind, count=count) for kind, count in found if count]
