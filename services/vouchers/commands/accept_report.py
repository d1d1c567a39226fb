"""An officer decides on the final report, where payments keeps a part of the voucher until it is accepted."""

from uuid import UUID

from services.vouchers.domain.reports import ReportState, final_report_due, require_decidable
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import ReportRow, VoucherRow
from shared.contracts.vouchers import ReportAccepted, ReportReturned
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def accept_report(context: Context, voucher_id: UUID) -> ReportRow:
    """What was kept is paid by that. Accepting twice does nothing. Raises as `require_decidable`; `NotFound` report-not-begun."""
    voucher, report = await _lock(context, voucher_id)
    if report.state != ReportState.ACCEPTED:
        require_decidable(context.policies.get(voucher.policy_id), facts_of(voucher), ReportState(report.state))
        report.state, voucher.report_decided_at = ReportState.ACCEPTED, context.now
        publish_voucher_event(context, voucher, ReportAccepted, "report-in-order")
    return report


async def return_report(context: Context, voucher_id: UUID, note: str) -> ReportRow:
    """To the beneficiary, who completes it; the term begins again. `note` says what is missing. Raises as `accept_report`."""
    voucher, report = await _lock(context, voucher_id)
    policy = context.policies.get(voucher.policy_id)
    require_decidable(policy, facts_of(voucher), ReportState(report.state))
    report.state, report.sent_at, report.sent_by, report.note = ReportState.DRAFT, None, None, note
    report.version, report.changed_at = report.version + 1, context.now
    voucher.report_sent_at, voucher.report_returned_at = None, context.now
    due_at = final_report_due(policy, facts_of(voucher))
    publish_voucher_event(context, voucher, ReportReturned, "report-incomplete", due_at=due_at)
    return report


async def _lock(context: Context, voucher_id: UUID) -> tuple[VoucherRow, ReportRow]:
    voucher = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=voucher.region)
    await take_part(context, Duty.CHECK_CLAIM, voucher.application_id, call_id=voucher.call_id)
    report = await context.session.get(ReportRow, voucher_id)
    if report is None:
        raise NotFound("report-not-begun", "The report is not begun.")
    return voucher, report
