"""The beneficiary writes its report; nothing of it is sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.vouchers.domain.reports import ReportState, changed_answers, require_writable
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import ReportRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def write_report(context: Context, voucher_id: UUID, answers: Mapping[str, Any], version: int) -> ReportRow:
    """`version`: of the report that was read, 0 for one that is not begun. What is not among `answers` stays.

    Raises as `require_writable` and `changed_answers`, and `Conflict` report-changed when somebody else has changed it since.
    """
    voucher = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.WRITE_REPORT, region=voucher.region, owner=owned_by(voucher.organisation_id))
    await take_part(context, Duty.APPLY, voucher.application_id, call_id=voucher.call_id)
    policy, row = context.policies.get(voucher.policy_id), await context.session.get(ReportRow, voucher_id)
    require_writable(policy, facts_of(voucher), ReportState(row.state) if row else ReportState.OPEN)
    if version != (row.version if row else 0):
        raise Conflict("report-changed", "Somebody else of your organisation has changed the report. Read it again.", field="version")
    if row is None:
        form = context.policies.report_in_force(context.now.astimezone(ZoneInfo(policy.zone)).date())
        about = voucher.model_dump(include={"application_id", "call_id", "region", "organisation_id"})
        row = ReportRow(
            **about, voucher_id=voucher_id, form_id=form.id, version=0, begun_at=context.now, changed_at=context.now, answers={}
        )
        context.session.add(row)
    row.answers = changed_answers(context.policies.report(row.form_id), row.answers or {}, answers)
    row.version, row.changed_at = row.version + 1, context.now
    await context.session.flush()
    return row
