"""The beneficiary sends its report. After that it does not change."""

from uuid import UUID

from services.vouchers.domain.reports import ReportState, require_sendable, require_writable
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import ReportRow
from shared.contracts.vouchers import ReportSent
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def send_report(context: Context, voucher_id: UUID) -> ReportRow:
    """Sending twice does nothing. Raises as `require_writable` and `require_sendable`; `NotFound` report-not-begun."""
    voucher = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.WRITE_REPORT, region=voucher.region, owner=owned_by(voucher.organisation_id))
    await take_part(context, Duty.APPLY, voucher.application_id, call_id=voucher.call_id)
    row = await context.session.get(ReportRow, voucher_id)
    if row is None:
        raise NotFound("report-not-begun", "The report is not begun.")
    if row.state in (ReportState.SENT, ReportState.ACCEPTED):
        return row
    policy, facts = context.policies.get(voucher.policy_id), facts_of(voucher)
    require_writable(policy, facts, ReportState(row.state))
    require_sendable(policy, facts, context.policies.report(row.form_id), row.answers or {})
    row.state, row.sent_at, row.sent_by = ReportState.SENT, context.now, context.actor.id
    voucher.report_sent_at = context.now
    publish_voucher_event(context, voucher, ReportSent, "by-beneficiary")
    return row
