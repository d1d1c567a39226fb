"""Finance reports to the controller what was paid: from now on each payment in the report keeps its amount in EUR."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.rates import MonthlyRate, in_euro, require_rate
from services.payments.queries.expenditure import PaidAttempt, paid_attempts
from services.payments.queries.provider_facts import today_in
from services.payments.queries.rates import Rates
from services.payments.tables import DisbursementRow, ExpenditureReportRow, RateRow, ReportedPaymentRow
from shared.database.locks import lock_names
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def report_expenditure(context: Context, region: str) -> ExpenditureReportRow:
    """All that is paid in the region and in no report, by the rate of the current month there, which is the month of the submission.

    `Conflict` 'nothing-to-report' or 'rate-not-published'. Two at the same moment take turns: no payment is in two reports.
    """
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=region)
    await lock_names(context.session, [f"expenditure {region}"])
    reported = select(col(ReportedPaymentRow.attempt_id))
    found = await paid_attempts(context, col(DisbursementRow.region) == region)
    known = set(await context.session.scalars(reported))
    new = [one for one in found if one.attempt_id not in known]
    if not new:
        raise Conflict("nothing-to-report", "Everything that was paid is in a report already.")
    currency, today = new[0].paid.currency, today_in(context, region)
    rate = require_rate(await Rates().of(currency, today), currency, today)
    await _keep(context, rate)
    report = ExpenditureReportRow(id=new_id(), region=region, rate_id=rate.id, made_by=context.actor.id, made_at=context.now)
    context.session.add(report)
    await context.session.flush()
    context.session.add_all(_line(report.id, one, rate) for one in new)
    await context.session.flush()
    return report


async def _keep(context: Context, rate: MonthlyRate) -> None:
    """The first report of a month fixes its rate."""
    row = {
        "id": rate.id, "currency": rate.currency, "month": rate.month, "day": rate.day, "per_euro": str(rate.per_euro),
        "derived": rate.derived,
    }  # fmt: skip
    await context.session.execute(insert(RateRow).values(row).on_conflict_do_nothing())


def _line(report_id: UUID, one: PaidAttempt, rate: MonthlyRate) -> ReportedPaymentRow:
    return ReportedPaymentRow(
        attempt_id=one.attempt_id, report_id=report_id, voucher_id=one.voucher_id, currency=one.paid.currency,
        eligible_minor=one.eligible.minor, paid_minor=one.paid.minor, eligible_eur_minor=in_euro(one.eligible, rate),
        paid_eur_minor=in_euro(one.paid, rate),
    )  # fmt: skip
