"""The awards that need a running workflow."""

from sqlalchemy import or_, select
from sqlmodel import col

from services.vouchers.domain.stages import Stage
from services.vouchers.tables import AwardRow, VoucherRow
from shared.messaging.context import Context


async def list_unfinished_awards(context: Context) -> list[tuple[AwardRow, VoucherRow | None]]:
    """Those whose voucher is not closed, or not written yet (None)."""
    still_open = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
    query = select(AwardRow, VoucherRow).outerjoin(VoucherRow, col(VoucherRow.award_id) == col(AwardRow.id)).where(still_open)
    return list(await context.session.execute(query.order_by(col(AwardRow.id))))
