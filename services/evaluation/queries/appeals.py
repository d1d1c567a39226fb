"""Appeals, and whether one may be lodged."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import String, cast, exists, func, select
from sqlmodel import col

from services.evaluation.domain.appeals import Remedy, check_remedy
from services.evaluation.domain.states import AppealState
from services.evaluation.queries.appeal_views import AppealView
from services.evaluation.tables import AppealRow, CallRow, CaseRow, RankingRow, RevisedRankingRow
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


def may_appeal(context: Context, call: CallRow, remedy: Remedy) -> bool:
    try:
        check_remedy(remedy, context.now, context.policies.get(call.policy_id).zone)
    except Conflict:
        return False
    return True


class OpenAppealView(BaseModel):
    """An application that may be appealed for until `appeal_until`, and as what it stands in the list in force."""

    application_id: UUID
    call_id: UUID
    listed_as: str
    appeal_until: datetime


async def open_appeals(context: Context, application_ids: Collection[UUID]) -> list[OpenAppealView]:
    """Of these applications, those that the actor may appeal for now; only their places in the lists are read."""
    key = cast(col(CaseRow.application_id), String)
    newest = (
        select(col(RevisedRankingRow.outcomes)[key].astext)
        .where(col(RevisedRankingRow.call_id) == col(CaseRow.call_id))
        .order_by(col(RevisedRankingRow.number).desc())
        .limit(1)
        .scalar_subquery()
    )
    first = col(RankingRow.outcomes)[key].astext
    query = (
        select(CaseRow, CallRow, col(RankingRow.approved_at), func.coalesce(newest, first))
        .join(CallRow, col(CallRow.id) == col(CaseRow.call_id))
        .join(RankingRow, col(RankingRow.call_id) == col(CaseRow.call_id))
        .where(
            in_scope(context.actor, Permission.READ_DECISION, None, CaseRow, owner=CaseRow.organisation_id),
            col(CaseRow.application_id).in_(application_ids),
            col(CallRow.appeal_term_over_at).is_(None),
            first.is_not(None),
            ~exists().where(col(AppealRow.application_id) == col(CaseRow.application_id)),
        )
        .order_by(col(CaseRow.application_id))
    )
    found = list[OpenAppealView]()
    for case, call, approved_at, listed_as in (await context.session.execute(query)).all():
        until = context.policies.get(call.policy_id).deadline(context.policies.get(call.policy_id).appeal, approved_at)
        remedy = Remedy(listed=True, withdrawn=case.withdrawn_at is not None, until=until, term_over=False, appealed=False)
        if may_appeal(context, call, remedy):
            found.append(OpenAppealView(application_id=case.application_id, call_id=call.id, listed_as=listed_as, appeal_until=until))
    return found
