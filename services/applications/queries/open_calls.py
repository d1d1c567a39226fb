"""Calls as everybody may read them."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.benefit import with_its_costs
from services.applications.domain.eligibility import assess
from services.applications.domain.form import Form
from services.applications.domain.providers import PROVIDER_APPLIES
from services.applications.queries.assessments import shown_assessment
from services.applications.queries.invitations import linked_calls
from services.applications.queries.rounds import round_views
from services.applications.queries.verdicts import AssessmentView
from services.applications.queries.views import CallWordingView, OpenCallDetail, OpenCallView
from services.applications.tables import CallRow, CallWordingRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.policy.schema import Policy
from shared.web.paging import Page, Paging, Sorting, page_of

OPEN_CALLS = Sorting({"opens_at": col(CallRow.opens_at), "closes_at": col(CallRow.closes_at)}, unique=col(CallRow.id), default="closes_at")


async def open_call_page(
    context: Context, paging: Paging, region: str | None, state: str | None, only: Collection[UUID] | None = None
) -> Page[OpenCallView]:
    """`only`: ids of calls; None for all."""
    filters = {"region": region, "state": state}
    query = select(CallRow).where(*(col(getattr(CallRow, name)) == value for name, value in filters.items() if value is not None))
    if only is not None:
        query = query.where(col(CallRow.id).in_(only))

    def view(call: CallRow) -> OpenCallView:
        return OpenCallView.of(call, context.policies.get(call.policy_id), context.policies.region_names(call.region), context.now)

    return await page_of(context.session, query, paging, view)


async def read_open_call(context: Context, number: int) -> OpenCallDetail:
    """`NotFound` 'unknown-call'."""
    call, policy = await _call_and_policy(context, number)
    detail = public_detail(context, call, policy, await wordings_of(context, call))
    return detail.model_copy(update={"rounds": await round_views(context, call), **await linked_calls(context, call, policy)})


def public_detail(context: Context, call: CallRow, policy: Policy, versions: Sequence[CallWordingView]) -> OpenCallDetail:
    return OpenCallDetail.of_versions(call, policy, context.policies.region_names(call.region), context.now, versions)


async def wordings_of(context: Context, call: CallRow) -> list[CallWordingView]:
    """The versions of title and text, the newest first; nothing of a call from before there were any."""
    query = select(CallWordingRow).where(col(CallWordingRow.call_id) == call.id).order_by(col(CallWordingRow.version))
    found = list(await context.session.scalars(query))
    views = [
        CallWordingView(version=row.version, at=row.at, words=row.words, changed=_differing(before, row) if before else [])
        for before, row in zip([None, *found], found, strict=False)
    ]
    return views[::-1]


def _differing(before: CallWordingRow, after: CallWordingRow) -> list[str]:
    pairs = {"title": (before.title, after.title), "text": (before.text, after.text)}
    return [
        f"{name}.{language}"
        for name, (old, new) in pairs.items()
        for language in sorted({*old, *new})
        if old.get(language) != new.get(language)
    ]


async def check_firm(context: Context, number: int, form_for: Callable[[Policy, date], Form], language: str) -> AssessmentView:
    """`form_for`: the answers as a form, given the rules of the call and the day. What is known of an organisation alone is not judged.
    `NotFound` 'unknown-call'."""
    _, policy = await _call_and_policy(context, number)
    today = policy.local_day(context.now)
    assessment = assess(policy, with_its_costs(form_for(policy, today), policy), today)
    judged = [verdict for verdict in assessment.rules if verdict.rule != PROVIDER_APPLIES]
    return shown_assessment(assessment.model_copy(update={"rules": judged}), policy, language)


async def _call_and_policy(context: Context, number: int) -> tuple[CallRow, Policy]:
    call = await context.session.scalar(select(CallRow).where(col(CallRow.number) == number))
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    return call, context.policies.get(call.policy_id)
