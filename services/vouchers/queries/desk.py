"""What waits for officers here: vouchers at risk, and changes to decide."""

from pydantic import BaseModel
from sqlmodel import col, select

from services.vouchers.domain.changes import ChangeState
from services.vouchers.domain.risk import Risk
from services.vouchers.queries.vouchers import at_risk
from services.vouchers.tables import ChangeRow, VoucherRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.counts import CountView, counts_of


class DeskView(BaseModel):
    """A voucher may be of several kinds of risk. `changes`: asked for by beneficiaries, and not decided."""

    suspended: CountView
    expiring: CountView
    silent: CountView
    changes: CountView


async def get_desk(context: Context, region: str | None) -> DeskView:
    """Of all regions of the actor, or of `region`."""
    regions = visible_regions(context.actor, Permission.MANAGE_VOUCHER, region)
    here = col(VoucherRow.region).in_(regions)
    changes = select(ChangeRow.id).where(col(ChangeRow.region).in_(regions), col(ChangeRow.state) == ChangeState.OPEN)
    risks = {
        risk.value: select(VoucherRow.id).where(here, *at_risk(risk, context.now)) for risk in (Risk.SUSPENDED, Risk.EXPIRING, Risk.SILENT)
    }
    return DeskView(**await counts_of(context.session, {**risks, "changes": changes}))
