"""Eligible expenditure by voucher: what was paid on it and not returned, in national currency and in EUR."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from services.payments.domain.rates import MonthlyRate, in_euro
from services.payments.domain.status import AttemptState
from services.payments.queries.desk_views import ExpenditureReportView, ExpenditureView
from services.payments.queries.filters import matching
from services.payments.queries.provider_facts import today_in
from services.payments.queries.rates import Rates
from services.payments.tables import (
    AttemptRow,
    ClaimRow,
    DisbursementRow,
    EnvelopeRow,
    ExpenditureReportRow,
    RateRow,
    ReportedPaymentRow,
    VoucherRow,
)
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

EXPENDITURE = Sorting({"call_id": VoucherRow.call_id}, unique=VoucherRow.id, default="call_id")
REPORTS = Sorting({"made_at": ExpenditureReportRow.made_at}, unique=ExpenditureReportRow.id, default="-made_at")


@dataclass(frozen=True, slots=True)
class PaidAttempt:
    """A payment that stands, and the eligible expenditure of its claim."""

    attempt_id: UUID
    voucher_id: UUID
    eligible: Money
    paid: Money


async def paid_attempts(context: Context, *criteria: ColumnElement[bool]) -> list[PaidAttempt]:
    """Those that are paid and not returned."""
    query = (
        select(col(AttemptRow.id), DisbursementRow, col(ClaimRow.eligible_minor))
        .join(DisbursementRow, col(DisbursementRow.id) == col(AttemptRow.disbursement_id))
        .join(ClaimRow, col(ClaimRow.id) == col(DisbursementRow.claim_id))
        .where(col(AttemptRow.state) == AttemptState.PAID, *criteria)
        .order_by(col(AttemptRow.id))
    )
    return [
        PaidAttempt(attempt_id, row.voucher_id, Money(eligible, row.currency), Money(row.aid_minor, row.currency))
        for attempt_id, row, eligible in (await context.session.execute(query)).all()
    ]


async def list_expenditure(context: Context, paging: Paging, region: str | None, call_id: UUID | None) -> Page[ExpenditureView]:
    """Vouchers on which anything stands as paid. What is in no report yet is shown by the rate of the current month, as provisional."""
    row = VoucherRow
    own = in_scope(context.actor, Permission.READ_PAYMENTS, region, row)
    query = select(row).where(own, col(row.paid_minor) > 0, *matching(call=(row.call_id, call_id)))
    page = await page_of(context.session, query, paging, lambda found: found)
    return page.with_items(await _views(context, page.items))


async def _views(context: Context, rows: Sequence[VoucherRow]) -> list[ExpenditureView]:
    ids = [row.id for row in rows]
    paid, reported = defaultdict[UUID, list[PaidAttempt]](list), await _reported(context, ids)
    for one in await paid_attempts(context, col(DisbursementRow.voucher_id).in_(ids)):
        paid[one.voucher_id].append(one)
    slugs = select(EnvelopeRow).where(col(EnvelopeRow.call_id).in_({row.call_id for row in rows}))
    envelopes = {row.call_id: row.slug for row in await context.session.scalars(slugs)}
    rates = Rates()
    return [await _view(context, row, envelopes[row.call_id], paid[row.id], reported, rates) for row in rows]


async def _view(
    context: Context,
    row: VoucherRow,
    slug: str,
    paid: list[PaidAttempt],
    reported: dict[UUID, tuple[ReportedPaymentRow, str]],
    rates: Rates,
) -> ExpenditureView:
    frozen = [reported[one.attempt_id] for one in paid if one.attempt_id in reported]
    open_ones = [one for one in paid if one.attempt_id not in reported]
    rate = await rates.of(row.currency, today_in(context, row.region))
    return ExpenditureView(
        voucher_id=row.id,
        voucher_code=row.code,
        application_id=row.application_id,
        call_id=row.call_id,
        slug=slug,
        region=row.region,
        currency=row.currency,
        eligible_minor=sum(one.eligible.minor for one in paid),
        paid_minor=sum(one.paid.minor for one in paid),
        recovered_minor=row.recovered_minor,
        eligible_eur_minor=_euro([one.eligible_eur_minor for one, _ in frozen], [one.eligible for one in open_ones], rate),
        paid_eur_minor=_euro([one.paid_eur_minor for one, _ in frozen], [one.paid for one in open_ones], rate),
        rate_ids=sorted({rate_id for _, rate_id in frozen} | ({rate.id} if rate and open_ones else set())),
        provisional=bool(open_ones),
    )


def _euro(frozen: list[int], open_ones: list[Money], rate: MonthlyRate | None) -> int | None:
    """None while the rate of what is in no report is not known."""
    if open_ones and rate is None:
        return None
    return sum(frozen) + sum(in_euro(one, rate) for one in open_ones if rate)


async def _reported(context: Context, voucher_ids: Collection[UUID]) -> dict[UUID, tuple[ReportedPaymentRow, str]]:
    """Attempt → its line in a report, and the id of the rate."""
    query = (
        select(ReportedPaymentRow, col(ExpenditureReportRow.rate_id))
        .join(ExpenditureReportRow, col(ExpenditureReportRow.id) == col(ReportedPaymentRow.report_id))
        .where(col(ReportedPaymentRow.voucher_id).in_(voucher_ids))
    )
    return {row.attempt_id: (row, rate_id) for row, rate_id in (await context.session.execute(query)).all()}


async def list_expenditure_reports(context: Context, paging: Paging, region: str | None) -> Page[ExpenditureReportView]:
    query = select(ExpenditureReportRow).where(in_scope(context.actor, Permission.READ_PAYMENTS, region, ExpenditureReportRow))
    page = await page_of(context.session, query, paging, lambda row: row)
    return page.with_items([await report_view(context, row) for row in page.items])


async def report_view(context: Context, row: ExpenditureReportRow) -> ExpenditureReportView:
    lines = list(await context.session.scalars(select(ReportedPaymentRow).where(col(ReportedPaymentRow.report_id) == row.id)))
    rate = await context.session.get_one(RateRow, row.rate_id)
    return ExpenditureReportView(
        report_id=row.id,
        region=row.region,
        made_by=row.made_by,
        made_at=row.made_at,
        rate_id=rate.id,
        per_euro=rate.per_euro,
        derived=rate.derived,
        rate_day=rate.day,
        currency=rate.currency,
        payments=len(lines),
        eligible_minor=sum(line.eligible_minor for line in lines),
        paid_minor=sum(line.paid_minor for line in lines),
        eligible_eur_minor=sum(line.eligible_eur_minor for line in lines),
        paid_eur_minor=sum(line.paid_eur_minor for line in lines),
    )
