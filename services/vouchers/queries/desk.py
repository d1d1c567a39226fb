"""What waits for officers here: vouchers at risk, and changes to decide."""

from pydantic import BaseModel
from sqlmodel import col, select

from services.vouchers.domain.changes import ChangeState
from services.vouchers.domain.reports import ReportState
from services.vouchers.domain.risk import Risk
from services.vouchers.queries.sessions import count_corrections, count_objections, count_to_record
from services.vouchers.queries.vouchers import at_risk
from services.vouchers.tables import ChangeRow, ReportRow, VoucherRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.counts import CountView, counts_of


class DeskView(BaseModel):
    """A voucher may be of several kinds of risk; `overdue`: another service's answer about it is late. `changes`: asked for by
    beneficiaries, and not decided. `reports`: sent, and a part of the voucher is kept until an officer accepts them. `to_record`: places in
    sessions that are over, and nobody has recorded who was there; `objections` to such records, and `corrections` that wait for a second
    officer."""

    suspended: CountView
    expiring: CountView
    silent: CountView
    overdue: CountView
    changes: CountView
    reports: CountView
    to_record: CountView
    objections: CountView
    corrections: CountView


async def get_desk(context: Context, region: str | None) -> DeskView:
    """Of all regions of the actor, or of `region`."""
    regions = visible_regions(context.actor, Permission.MANAGE_VOUCHER, region)
    here = col(VoucherRow.region).in_(regions)
    changes = select(ChangeRow.id).where(col(ChangeRow.region).in_(regions), col(ChangeRow.state) == ChangeState.OPEN)
    risks = {risk.value: select(VoucherRow.id).where(here, *at_risk(risk, context.now)) for risk in Risk}
    balanced = [policy.id for policy in context.policies.all() if policy.balance is not None]
    reports = (
        select(ReportRow.voucher_id)
        .join(VoucherRow, col(VoucherRow.id) == col(ReportRow.voucher_id))
        .where(here, col(ReportRow.state) == ReportState.SENT, col(VoucherRow.policy_id).in_(balanced))
        .where(col(VoucherRow.report_decided_at).is_(None), col(VoucherRow.settled_at).is_(None))
    )
    attendance = {
        "to_record": count_to_record(context, regions), "objections": count_objections(regions),
        "corrections": count_corrections(regions),
    }  # fmt: skip
    return DeskView(**await counts_of(context.session, {**risks, "changes": changes, "reports": reports, **attendance}))
