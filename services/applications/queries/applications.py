"""Applications, for the actors that may read them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import defer
from sqlmodel import col

from services.applications.queries.views import ApplicationDetail, FormVersionView
from services.applications.tables import ApplicationRow, CallRow, FormVersionRow, ReaderRow
from shared.identity.actor import Actor, Role
from shared.identity.permissions import Permission, authorise, owned_by, visible_regions
from shared.kernel.errors import Forbidden, NotFound
from shared.messaging.context import Context
from shared.web.paging import Sorting

APPLICATIONS = Sorting(
    {"created_at": col(ApplicationRow.created_at), "changed_at": col(ApplicationRow.changed_at)},
    unique=col(ApplicationRow.id),
    default="created_at",
)


def applications(actor: Actor, region: str | None, filters: dict[str, Any]) -> Select[ApplicationRow]:
    """Applications that the actor may read, without their forms; `filters` are columns by name, None for any."""
    seen = and_(col(ApplicationRow.region).in_(visible_regions(actor, Permission.READ_APPLICATION, region)), _readable(actor))
    wanted = (getattr(ApplicationRow, name) == value for name, value in filters.items() if value is not None)
    return select(ApplicationRow).where(seen, *wanted).options(defer(ApplicationRow.form), defer(ApplicationRow.assessment))  # type: ignore[arg-type]


def _readable(actor: Actor) -> ColumnElement[bool]:
    """Officers and auditors read all applications of their regions, applicants those of their organisation, evaluators those that are
    assigned to them. Only its own organisation reads a draft."""
    own = false() if actor.organisation_id is None else col(ApplicationRow.organisation_id) == actor.organisation_id
    return or_(
        and_(_in_regions_as(actor, Role.OFFICER, Role.AUDITOR), col(ApplicationRow.sequence).is_not(None)),
        and_(_in_regions_as(actor, Role.APPLICANT), own),
        and_(_in_regions_as(actor, Role.EVALUATOR), col(ApplicationRow.id).in_(_assigned(actor))),
    )


def _in_regions_as(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    return col(ApplicationRow.region).in_(actor.regions_as(*roles))


def _assigned(actor: Actor) -> Select[UUID]:
    return select(col(ReaderRow.application_id)).where(col(ReaderRow.evaluator_id) == actor.id, col(ReaderRow.recused).is_(False))


async def application_of(context: Context, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """One application with its call. Raises NotFound; Forbidden 'wrong-role', 'foreign-region', 'not-owner' or 'not-permitted'."""
    application = await context.session.get(ApplicationRow, application_id)
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    authorise(context.actor, Permission.READ_APPLICATION, region=application.region, owner=owned_by(application.organisation_id))
    if (
        await context.session.scalar(
            select(col(ApplicationRow.id)).where(col(ApplicationRow.id) == application_id, _readable(context.actor))
        )
        is None
    ):
        raise Forbidden("not-permitted", "You may not read this application.")
    return application, await context.session.get_one(CallRow, application.call_id)


async def form_versions(context: Context, application_id: UUID) -> list[FormVersionView]:
    """What changed from one submission to the next, for those who may read the application."""
    await application_of(context, application_id)
    query = select(FormVersionRow).where(col(FormVersionRow.application_id) == application_id).order_by(col(FormVersionRow.revision))
    rows = await context.session.scalars(query.options(defer(FormVersionRow.form)))  # type: ignore[arg-type]
    return [FormVersionView.model_validate(row, from_attributes=True) for row in rows]


async def with_call(context: Context, application: ApplicationRow) -> ApplicationDetail:
    """The whole application, as its applicant sees it after a change."""
    return ApplicationDetail.of_call(application, await context.session.get_one(CallRow, application.call_id))
