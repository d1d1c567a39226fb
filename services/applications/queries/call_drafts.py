"""Calls that are being written, and how their public page would look."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlmodel import col

from services.applications.domain.call_drafts import CallContent, day_of, definition_of
from services.applications.domain.states import DraftState
from services.applications.queries.call_parts import RoundView, step_of
from services.applications.queries.drafted_calls import call_row, check_publishable, content_of, faults_in, policy_of
from services.applications.queries.open_calls import public_detail
from services.applications.queries.views import OpenCallDetail
from services.applications.tables import CallDraftRow
from shared.database.scope import in_scope
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import NotFound, Refused
from shared.messaging.acts import any_took_part
from shared.messaging.context import Context
from shared.policy.call import CallDefinition, rounds_of
from shared.policy.schema import Policy
from shared.texts import translate
from shared.web.paging import Page, Paging, Sorting, page_of

DRAFTS = Sorting({"changed_at": col(CallDraftRow.changed_at)}, unique=col(CallDraftRow.id), default="-changed_at")


class DraftFaultView(BaseModel):
    """What keeps the call from being published: the field, and why in the reader's language."""

    field: str
    code: str
    detail: str


class DraftBenefitView(BaseModel):
    """What a voucher of the scheme gives in the place of money: the envelope of the call is so many times `award_minor`."""

    kind: str
    unit: str
    units_per_award: int
    award_minor: int


class CallDraftView(BaseModel):
    """`content`: days and times are local of `zone`, amounts minor units of `currency`. `policy_id` and `form_id` hold on the day that it
    opens; null where none holds. `above_ceiling`: finance confirms the budget before money is reserved. `own`: the reader has written at
    it, so another officer publishes it. After `published` its id is that of the call. `returned_words`: what the second officer wants
    changed. `expressions`: of a scheme by invitation, the scheme whose calls it invites from. `step`: as of an open
    call; of expressions of interest the envelope is the sum of what is invited, which finance does not confirm."""

    id: UUID
    region: str
    scheme: str
    copy_of: UUID | None
    state: DraftState
    version: int
    content: CallContent
    title: dict[str, str]
    currency: str
    zone: str
    languages: list[str]
    policy_id: str | None
    form_id: str | None
    faults: list[DraftFaultView]
    above_ceiling: bool
    benefit: DraftBenefitView | None = None
    expressions: str | None = None
    step: Literal["expression", "by-invitation"] | None = None
    own: bool
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    returned_words: str


class TemplateView(BaseModel):
    """A call in the files of the region, from which a draft can begin."""

    id: str
    title: dict[str, str]


class SchemeView(BaseModel):
    """A scheme of a region by which a call can be written now."""

    region: str
    region_names: dict[str, str]
    scheme: str
    title: dict[str, str]
    policy_id: str
    languages: list[str]
    currency: str
    selection_method: str
    templates: list[TemplateView]


async def draft_page(context: Context, paging: Paging, region: str | None, state: DraftState | None, language: str) -> Page[CallDraftView]:
    query: Select[Any] = select(CallDraftRow).where(in_scope(context.actor, Permission.MANAGE_CALLS, region, CallDraftRow))
    if state is not None:
        query = query.where(col(CallDraftRow.state) == state)
    page = await page_of(context.session, query, paging, lambda row: row)
    return page.with_items([await draft_view(context, row, language) for row in page.items])


async def draft_of(context: Context, draft_id: UUID) -> CallDraftRow:
    """`NotFound` 'unknown-call-draft'; Forbidden."""
    draft = await context.session.get(CallDraftRow, draft_id)
    if draft is None:
        raise NotFound("unknown-call-draft", "There is no such draft of a call.")
    authorise(context.actor, Permission.MANAGE_CALLS, region=draft.region)
    return draft


async def draft_view(context: Context, draft: CallDraftRow, language: str) -> CallDraftView:
    content = content_of(draft)
    newest = [policy for policy in context.policies.all() if (policy.region, policy.scheme) == (draft.region, draft.scheme)][-1]
    try:
        policy = policy_of(context, draft)
        form_id: str | None = context.policies.form_in_force(draft.region, draft.scheme, day_of(content, context.now)).id
    except NotFound:
        policy, form_id = None, None
    own = await any_took_part(context, Duty.DRAFT_CALL, [context.actor.id], [draft.id])
    return CallDraftView(
        **{name: getattr(draft, name) for name in CallDraftView.model_fields if hasattr(draft, name) and name != "content"},
        content=content,
        title=content.title,
        currency=newest.currency,
        zone=newest.zone,
        languages=list(newest.languages),
        policy_id=policy.id if policy else None,
        form_id=form_id,
        faults=[
            DraftFaultView(field=fault.field or "", code=fault.code, detail=translate(fault.message, fault.facts, language))
            for fault in (faults_in(context, draft) if draft.state in (DraftState.DRAFT, DraftState.SUBMITTED) else [])
        ],
        above_ceiling=bool(
            policy and policy.budget and not policy.expression and (content.envelope_minor or 0) > policy.budget.ceiling_minor
        ),
        benefit=_given(policy or newest),
        expressions=(policy or newest).by_invitation.expressions if (policy or newest).by_invitation else None,
        step=step_of(policy or newest),
        own=own,
    )


def _given(policy: Policy) -> DraftBenefitView | None:
    given = policy.benefit
    if given is None:
        return None
    return DraftBenefitView(kind=given.kind, unit=given.unit, units_per_award=given.units_per_award, award_minor=given.award_minor)


async def preview_of(context: Context, draft_id: UUID) -> OpenCallDetail:
    """The call as everybody would read it, if it was published now; its number is 0. Raises its first fault."""
    draft = await draft_of(context, draft_id)
    check_publishable(context, draft)
    content, policy = content_of(draft), policy_of(context, draft)
    first, *_ = planned = rounds_of(definition_of(content, policy))
    wording = {"title": content.title if first.round is None else first.title, "text": content.text}
    calls = [call_row(context, draft.id, one, policy, wording, first.opens_at.date()) for one in planned]
    for call in calls:
        call.number = 0
    rounds = [RoundView.model_validate(call, from_attributes=True) for call in calls] if first.round else []
    return public_detail(context, calls[0], policy, []).model_copy(update={"rounds": rounds})


def template_of(templates: Iterable[CallDefinition], region: str, scheme: str, template: str) -> CallDefinition:
    """`Refused` 'unknown-template'."""
    for call in templates:
        if (call.region, call.scheme, call.id) == (region, scheme, template):
            return call
    raise Refused("unknown-template", "The files of this region have no such call of this scheme.", field="template")


def schemes(context: Context, region: str | None, templates: Iterable[CallDefinition] = ()) -> list[SchemeView]:
    """Of the regions in which the actor manages calls, each with its policy of today, or the first one to come."""
    regions = visible_regions(context.actor, Permission.MANAGE_CALLS, region)
    found: dict[tuple[str, str], SchemeView] = {}
    for policy in context.policies.all():  # by date
        key = (policy.region, policy.scheme)
        if policy.region in regions and (key not in found or policy.effective_from <= policy.local_day(context.now)):
            found[key] = SchemeView(
                region=policy.region,
                region_names=context.policies.region_names(policy.region),
                scheme=policy.scheme,
                title=policy.title,
                policy_id=policy.id,
                languages=list(policy.languages),
                currency=policy.currency,
                selection_method=policy.selection.method,
                templates=[TemplateView(id=call.id, title=call.title) for call in templates if (call.region, call.scheme) == key],
            )
    return list(found.values())
