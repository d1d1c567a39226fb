"""Applications, for those who may read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import defer
from sqlmodel import col

from services.applications.domain.eligibility import Assessment, assess, local_day
from services.applications.domain.form import read_form, unanswered
from services.applications.queries.views import ApplicationView, EligibilityView
from services.applications.tables import ApplicationRow, CallRow, ReaderRow
from shared.identity.actor import Actor, Role
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import Forbidden, NotFound
from shared.messaging.context import Context
from shared.policy.schema import Policy
from shared.web.paging import Sorting

APPLICATIONS = Sorting(
    {"created_at": col(ApplicationRow.created_at), "changed_at": col(ApplicationRow.changed_at)},
    tie=col(ApplicationRow.id),
    default="created_at",
)


def applications(actor: Actor, region: str | None, filters: dict[str, Any]) -> Select[ApplicationRow]:
    """Applications that the actor may read, without their forms; `filters` are columns by name, None for any."""
    seen = and_(col(ApplicationRow.region).in_(visible_regions(actor, region)), _readable(actor))
    wanted = (getattr(ApplicationRow, name) == value for name, value in filters.items() if value is not None)
    return select(ApplicationRow).where(seen, *wanted).options(defer(ApplicationRow.form), defer(ApplicationRow.assessment))  # type: ignore[arg-type]


def _readable(actor: Actor) -> ColumnElement[bool]:
    """Officers and auditors all of their regions, applicants their organisation's, evaluators what is assigned to them. Drafts
    are seen by their own organisation alone."""
    ways: list[ColumnElement[bool]] = [false()]
    if actor.roles & {Role.OFFICER, Role.AUDITOR}:
        ways.append(col(ApplicationRow.sequence).is_not(None))
    if Role.APPLICANT in actor.roles and actor.organisation_id is not None:
        ways.append(col(ApplicationRow.organisation_id) == actor.organisation_id)
    if Role.EVALUATOR in actor.roles:
        ways.append(col(ApplicationRow.id).in_(_assigned(actor)))
    return or_(*ways)


def _assigned(actor: Actor) -> Select[UUID]:
    return select(col(ReaderRow.application_id)).where(col(ReaderRow.evaluator_id) == actor.id, col(ReaderRow.recused).is_(False))


async def application_of(context: Context, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """One application with its call. NotFound; Forbidden 'wrong-role', 'foreign-region', 'not-owner' or 'not-for-you'."""
    application = await context.session.get(ApplicationRow, application_id)
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    authorise(context.actor, Permission.READ_APPLICATION, region=application.region, owner=application.organisation_id)
    if (
        await context.session.scalar(
            select(col(ApplicationRow.id)).where(col(ApplicationRow.id) == application_id, _readable(context.actor))
        )
        is None
    ):
        raise Forbidden("not-for-you", "You may not read this application.")
    return application, await context.session.get_one(CallRow, application.call_id)


async def with_call(context: Context, application: ApplicationRow) -> ApplicationView:
    """The whole application, as its applicant sees it after a change."""
    return ApplicationView.whole(application, await context.session.get_one(CallRow, application.call_id))


def eligibility_of(application: ApplicationRow, policy: Policy, now: datetime) -> EligibilityView:
    """The verdict of screening, or how the rules would decide now."""
    form = read_form(application.form)
    screened = application.assessment is not None
    verdict = Assessment.model_validate(application.assessment) if screened else assess(policy, form, local_day(now, policy))
    return EligibilityView(
        **verdict.model_dump(),
        application_id=application.id,
        state=application.state,
        screened=screened,
        missing=unanswered(form),
    )
