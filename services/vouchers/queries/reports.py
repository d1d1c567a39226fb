"""Reports: one with its questions in the reader's language, and the list of those that are begun or sent."""

from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import select

from services.vouchers.domain.reports import ReportState, report_due, wants_report
from services.vouchers.domain.stages import Voucher
from services.vouchers.queries.views import ReportOptionView, ReportQuestionView, ReportSectionView, ReportSummaryView, ReportView
from services.vouchers.queries.vouchers import read_voucher
from services.vouchers.tables import ReportRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, acts_as_applicant
from shared.messaging.context import Context
from shared.policy.answers import options_of
from shared.policy.form import Question
from shared.policy.report import ReportForm
from shared.texts import in_language
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

REPORTS = Sorting({"begun_at": ReportRow.begun_at}, unique=ReportRow.voucher_id, default="-begun_at")


class ReportFilter(BaseModel):
    """None: any."""

    region: str | None = None
    state: ReportState | None = None
    call_id: UUID | None = None


async def list_reports(context: Context, paging: Paging, wanted: ReportFilter) -> Page[ReportSummaryView]:
    """The newest first."""
    scope = in_scope(context.actor, Permission.READ_VOUCHER, wanted.region, ReportRow, owner=ReportRow.organisation_id)
    chosen = wanted.model_dump(exclude={"region"}, exclude_none=True)
    return await page_of(context.session, select(ReportRow).where(scope).filter_by(**chosen), paging, ReportSummaryView.model_validate)


async def read_report(context: Context, voucher_id: UUID, language: str) -> ReportView:
    """Of a voucher that the actor may read; the agency sees the answers once the report is sent. `NotFound` unknown-voucher."""
    voucher = await read_voucher(context, voucher_id)
    policy, row = context.policies.get(voucher.policy_id), await context.session.get(ReportRow, voucher_id)
    facts, own = Voucher.model_validate(voucher), acts_as_applicant(context.actor, Permission.READ_VOUCHER, voucher.region)
    wanted, due = wants_report(policy, facts), report_due(policy, facts)
    form = context.policies.report(row.form_id) if row else None
    if form is None and wanted:
        form = context.policies.report_in_force(context.now.astimezone(ZoneInfo(policy.zone)).date())
    shown = row is not None and (own or row.state in (ReportState.SENT, ReportState.ACCEPTED))
    answers = (row.answers if row and shown else {}) or {}
    if row and shown:
        await record_access(context, Permission.READ_VOUCHER, [(voucher.id, voucher.region)])
    return ReportView(
        voucher_id=voucher.id,
        state=ReportState(row.state) if row else ReportState.OPEN,
        wanted=wanted,
        due_at=due,
        overdue=due is not None and context.now >= due and (row is None or row.state not in (ReportState.SENT, ReportState.ACCEPTED)),
        version=row.version if row else 0,
        form_id=form.id if form else None,
        sections=_sections(form, language) if form else [],
        answers=(row.answers if shown else None) if row else {},
        asked=[question.id for question in form.asked(answers)] if form else [],
        missing=form.unanswered(answers) if form else [],
        changed_at=row.changed_at if row else None,
        sent_at=row.sent_at if row else None,
        decides_balance=policy.balance is not None,
        sendable=wanted and (facts.claimed_at if policy.balance else facts.settled_at) is not None,
        decided=facts.report_decided_at is not None,
        note=row.note if row else None,
    )


def _sections(form: ReportForm, language: str) -> list[ReportSectionView]:
    return [
        ReportSectionView(
            key=section.key,
            title=in_language(section.title, language),
            questions=[_question(question, language) for question in form.questions_of(section.key)],
        )
        for section in form.sections
    ]


def _question(question: Question, language: str) -> ReportQuestionView:
    limits = question.answer.model_dump(exclude={"options"})
    options = [ReportOptionView(value=option.value, label=in_language(option.label, language)) for option in options_of(question.answer)]
    return ReportQuestionView(
        id=question.id,
        label=in_language(question.label, language),
        help=in_language(question.help, language) or None,
        required=question.required,
        when=list(question.when),
        options=options or None,
        **limits,
    )
