"""/reports: what a project achieved, written and sent by the beneficiary, read by officers"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.vouchers.api.dependencies import ReportWriter, VoucherManager, VoucherReader
from services.vouchers.api.schemas import ReportInput, ReportReturnInput
from services.vouchers.commands.accept_report import accept_report, return_report
from services.vouchers.commands.send_report import send_report
from services.vouchers.commands.write_report import write_report
from services.vouchers.queries import reports
from services.vouchers.queries.reports import ReportFilter, read_report
from services.vouchers.queries.views import ReportSummaryView, ReportView
from shared.web.auth import api_router
from shared.web.language import Language
from shared.web.paging import Page, Paging

router = api_router("reports")


@router.get("/reports")
async def list_reports(
    context: VoucherReader, paging: Annotated[Paging, Depends(reports.REPORTS)], wanted: Annotated[ReportFilter, Query()]
) -> Page[ReportSummaryView]:
    return await reports.list_reports(context, paging, wanted)


@router.get("/vouchers/{voucher_id}/report")
async def get_voucher_report(context: VoucherReader, voucher_id: UUID, language: Language) -> ReportView:
    """The questions in the language of Accept-Language, with the answers so far."""
    return await read_report(context, voucher_id, language)


@router.put("/vouchers/{voucher_id}/report")
async def put_voucher_report(context: ReportWriter, voucher_id: UUID, body: ReportInput, language: Language) -> ReportView:
    await write_report(context, voucher_id, body.answers, body.version)
    return await read_report(context, voucher_id, language)


@router.post("/vouchers/{voucher_id}/report/submission")
async def post_voucher_report_submission(context: ReportWriter, voucher_id: UUID, language: Language) -> ReportView:
    await send_report(context, voucher_id)
    return await read_report(context, voucher_id, language)


@router.post("/vouchers/{voucher_id}/report/acceptance")
async def post_voucher_report_acceptance(context: VoucherManager, voucher_id: UUID, language: Language) -> ReportView:
    """Where a part of the voucher is kept until the report is accepted: it is paid by that."""
    await accept_report(context, voucher_id)
    return await read_report(context, voucher_id, language)


@router.post("/vouchers/{voucher_id}/report/return")
async def post_voucher_report_return(context: VoucherManager, voucher_id: UUID, body: ReportReturnInput, language: Language) -> ReportView:
    """To the beneficiary, with what is missing."""
    await return_report(context, voucher_id, body.note)
    return await read_report(context, voucher_id, language)
