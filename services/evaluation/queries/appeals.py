"""Appeals, and what an applicant may know of the result and do about it."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.appeals import Remedy, check_remedy
from services.evaluation.domain.states import AppealState
from services.evaluation.queries.appeal_views import AppealView, ResultView
from services.evaluation.queries.lists import list_in_force
from services.evaluation.queries.own_decision import criteria_of
from services.evaluation.tables import AppealRow, CallRow, CaseRow, RankingRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.messaging.context import Context
from shared.privacy.sealed import is_erased
from shared.web.paging import Page, Paging, Sorting, page_of

APPEALS = Sorting({"lodged_at": AppealRow.lodged_at}, unique=AppealRow.id, default="lodged_at")


async def appeal_page(
    context: Context, paging: Paging, *, region: str | None, call_id: UUID | None, state: AppealState | None
) -> Page[AppealView]:
    """An applicant sees those of the own organisation."""
    query = select(AppealRow).where(in_scope(context.actor, Permission.READ_APPEAL, region, AppealRow, owner=AppealRow.organisation_id))
    if call_id is not None:
        query = query.where(col(AppealRow.call_id) == call_id)
    if state is not None:
        query = query.where(col(AppealRow.state) == state)
    return await page_of(context.session, query, paging, appeal_view)


async def read_appeal(context: Context, appeal_id: UUID) -> AppealView:
    row = await context.session.get_one(AppealRow, appeal_id)
    authorise(context.actor, Permission.READ_APPEAL, region=row.region, owner=owned_by(row.organisation_id))
    return appeal_view(row)


async def read_result(context: Context, application_id: UUID) -> ResultView:
    """What the applicant may know: nothing before a list is in force, except that the case is evaluated."""
    case = await context.session.get_one(CaseRow, application_id)
    authorise(context.actor, Permission.READ_APPEAL, region=case.region, owner=owned_by(case.organisation_id))
    call = await context.session.get_one(CallRow, case.call_id)
    appeal, listed = await appeal_of(context, application_id), await list_in_force(context, call.id)
    remedy = await remedy_of(context, call, case, appeal)
    rules = context.policies.get(case.policy_id).evaluation
    known = listed is not None and str(application_id) in listed.outcomes and case.completed_at is not None
    return ResultView(
        application_id=application_id,
        call_id=call.id,
        listed_as=listed.outcomes.get(str(application_id)) if listed else None,
        listed_at=listed.approved_at if listed else None,
        rank=case.rank if known else None,
        total_hundredths=case.total_hundredths if known else None,
        threshold_hundredths=rules.total_threshold * 100 if rules else None,
        criteria=criteria_of(case, rules) if known else [],
        failed_rules=(case.failed_rules or []) if known else [],
        appeal_until=remedy.until,
        may_appeal=_may(context, call, remedy),
        decisions_issued=call.appeals_over_at is not None,
        appeal=appeal_view(appeal) if appeal else None,
    )


async def appeal_of(context: Context, application_id: UUID) -> AppealRow | None:
    return (await context.session.scalars(select(AppealRow).where(col(AppealRow.application_id) == application_id))).one_or_none()


async def appeal_states(context: Context, call: CallRow) -> list[AppealState]:
    return [
        AppealState(each) for each in await context.session.scalars(select(col(AppealRow.state)).where(col(AppealRow.call_id) == call.id))
    ]


async def remedy_of(context: Context, call: CallRow, case: CaseRow, appeal: AppealRow | None) -> Remedy:
    """The term counts from the first list: a revised one opens no other."""
    first = await context.session.get(RankingRow, call.id)
    policy = context.policies.get(call.policy_id)
    return Remedy(
        listed=first is not None and str(case.application_id) in first.outcomes,
        withdrawn=case.withdrawn_at is not None,
        until=policy.deadline(policy.appeal, first.approved_at) if first else None,
        term_over=call.appeal_term_over_at is not None,
        appealed=appeal is not None,
    )


def appeal_view(row: AppealRow) -> AppealView:
    return AppealView(**row.model_dump(include=set(AppealView.model_fields) - {"erased"}), erased=is_erased(row))


def _may(context: Context, call: CallRow, remedy: Remedy) -> bool:
    try:
        check_remedy(remedy, context.now, context.policies.get(call.policy_id).zone)
    except Conflict:
        return False
    return True
