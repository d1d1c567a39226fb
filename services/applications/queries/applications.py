"""Applications, for the actors that may read them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlmodel import col

from services.applications.queries.views import ApplicationDetail, ApplicationView, FormVersionView
from services.applications.tables import ApplicationRow, CallRow, FormVersionRow, ReaderRow
from shared.identity.actor import Actor, Role
from shared.identity.permissions import Permission, authorise, owned_by, visible_regions
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context
from shared.privacy.sealed import without
from shared.web.access_log import Shown, record_access
from shared.web.paging import Page, Paging, Sorting, page_of

APPLICATIONS = Sorting(
    {"created_at": col(ApplicationRow.created_at), "changed_at": col(ApplicationRow.changed_at)},
    unique=col(ApplicationRow.id),
    default="created_at",
)

WITHOUT_ANSWERS = without(ApplicationRow.form, ApplicationRow.assessment)

IDENTIFYING = frozenset({"organisation_id", "receipt"})
"""The filters that tell who applies: they find no application whose applicant the reader may not know."""


async def application_page(
    context: Context, paging: Paging, region: str | None, filters: dict[str, Any], ids: Collection[UUID] | None = None
) -> Page[ApplicationView]:
    """Applications that the actor may read, without their forms; `filters` are columns by name, None for any. `ids`: only these."""
    blind = await _blind_to(context)
    regions = visible_regions(context.actor, Permission.READ_APPLICATION, region)
    seen = and_(col(ApplicationRow.region).in_(regions), _readable(context.actor))
    wanted = {name: value for name, value in filters.items() if value is not None}
    query = select(ApplicationRow).where(seen, *(getattr(ApplicationRow, name) == value for name, value in wanted.items()))
    if ids is not None:
        query = query.where(col(ApplicationRow.id).in_(ids))
    if blind and IDENTIFYING & wanted.keys():
        query = query.where(col(ApplicationRow.id).not_in(blind))
    query = query.options(*WITHOUT_ANSWERS, *without(ApplicationRow.return_note))
    return await page_of(context.session, query, paging, lambda row: ApplicationView.of(row, blind=row.id in blind))


def _readable(actor: Actor) -> ColumnElement[bool]:
    """Officers and auditors read all applications of their regions, applicants those of their organisation, evaluators those that they
    evaluate. Only its own organisation reads a draft."""
    own = false() if actor.organisation_id is None else col(ApplicationRow.organisation_id) == actor.organisation_id
    allowed: list[ColumnElement[bool]] = []
    if regions := actor.regions_as(Role.OFFICER, Role.AUDITOR):
        allowed.append(and_(col(ApplicationRow.region).in_(regions), col(ApplicationRow.sequence).is_not(None)))
    if regions := actor.regions_as(Role.APPLICANT):
        allowed.append(and_(col(ApplicationRow.region).in_(regions), own))
    if regions := actor.regions_as(Role.EVALUATOR):
        allowed.append(and_(col(ApplicationRow.region).in_(regions), _undecided(), col(ApplicationRow.id).in_(_assigned(actor))))
    return or_(false(), *allowed)


def _undecided() -> ColumnElement[bool]:
    """An evaluator's right to read ends with the decision, which evaluation makes when the time for appeals is over; and at once with a
    withdrawal, which makes the assignments void."""
    return and_(col(ApplicationRow.decision).is_(None), col(ApplicationRow.state) != ApplicationState.WITHDRAWN)


def _assigned(actor: Actor) -> Select[UUID]:
    return select(col(ReaderRow.application_id)).where(col(ReaderRow.evaluator_id) == actor.id, col(ReaderRow.recused).is_(False))


async def count_unsubmitted(context: Context, call_id: UUID, organisation_id: UUID) -> int:
    """How many applications the organisation has begun in the call without submitting them, withdrawn ones included."""
    row = ApplicationRow
    begun = (col(row.call_id) == call_id, col(row.organisation_id) == organisation_id, col(row.sequence).is_(None))
    return await context.session.scalar(select(func.count()).where(*begun)) or 0


async def _blind_to(context: Context) -> frozenset[UUID]:
    """The applications that the actor evaluates without knowing who applies: before the declaration, and where the policy is blind until
    the decision. Another role that the same person has makes no difference."""
    if Role.EVALUATOR not in context.actor.roles:
        return frozenset()
    query = (
        select(col(ReaderRow.application_id), col(ReaderRow.declared), col(CallRow.policy_id))
        .join(ApplicationRow, col(ApplicationRow.id) == col(ReaderRow.application_id))
        .join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
        .where(col(ReaderRow.evaluator_id) == context.actor.id, col(ReaderRow.recused).is_(False), _undecided())
    )
    rows = (await context.session.execute(query)).all()
    return frozenset(application_id for application_id, declared, policy_id in rows if not declared or _is_blind(context, policy_id))


def _is_blind(context: Context, policy_id: str) -> bool:
    rules = context.policies.get(policy_id).evaluation
    return rules is not None and bool(rules.blind)


async def read_application(context: Context, application_id: UUID) -> ApplicationDetail:
    """One application, as far as the actor may read it, which is recorded. Raises as `_application_of`."""
    application, call = await _application_of(context, application_id)
    blind = application_id in await _blind_to(context)
    await _record(context, application, Shown.BLIND if blind else Shown.WHOLE)
    return ApplicationDetail.of_call(application, call, context.policies.form(call.form_id), blind=blind)


async def whole_application_of(context: Context, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """One application with its call; the reading is recorded. Raises as `_application_of`, and Forbidden 'blind-evaluation'."""
    application, call = await _application_of(context, application_id)
    if application_id in await _blind_to(context):
        raise Forbidden("blind-evaluation", "You evaluate this application without knowing who applies.")
    await _record(context, application, Shown.WHOLE)
    return application, call


async def _record(context: Context, application: ApplicationRow, shown: Shown) -> None:
    await record_access(context, Permission.READ_APPLICATION, [(application.id, application.region)], shown)


async def _application_of(context: Context, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """Raises NotFound; Forbidden 'wrong-role', 'foreign-region', 'not-owner' or 'not-permitted'."""
    application = await context.session.get(ApplicationRow, application_id)
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    authorise(context.actor, Permission.READ_APPLICATION, region=application.region, owner=owned_by(application.organisation_id))
    readable = select(col(ApplicationRow.id)).where(col(ApplicationRow.id) == application_id, _readable(context.actor))
    if await context.session.scalar(readable) is None:
        raise Forbidden("not-permitted", "You may not read this application.")
    return application, await context.session.get_one(CallRow, application.call_id)


async def form_versions(context: Context, application_id: UUID) -> list[FormVersionView]:
    """What changed from one submission to the next, for those who may read the whole application. Raises as `whole_application_of`."""
    application, _ = await whole_application_of(context, application_id)
    query = select(FormVersionRow).where(col(FormVersionRow.application_id) == application_id).order_by(col(FormVersionRow.revision))
    rows = await context.session.scalars(query.options(*without(FormVersionRow.form)))
    kept = [FormVersionView.model_validate(row, from_attributes=True) for row in rows]
    return kept or ([FormVersionView.first(application)] if application.revision else [])


async def with_call(context: Context, application: ApplicationRow) -> ApplicationDetail:
    """The whole application, as its applicant sees it after a change."""
    call = await context.session.get_one(CallRow, application.call_id)
    return ApplicationDetail.of_call(application, call, context.policies.form(call.form_id))
