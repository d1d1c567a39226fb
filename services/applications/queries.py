"""What pages and API show, and to whom."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow, ReaderRow
from shared.identity.actor import Actor, Role
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import Forbidden, NotFound
from shared.web.paging import Sorting

CALLS = Sorting({"opens_at": col(CallRow.opens_at), "closes_at": col(CallRow.closes_at)}, tie=col(CallRow.id), default="opens_at")
APPLICATIONS = Sorting(
    {"created_at": col(ApplicationRow.created_at), "changed_at": col(ApplicationRow.changed_at)},
    tie=col(ApplicationRow.id),
    default="created_at",
)


def calls(actor: Actor, region: str | None, state: str | None, slug: str | None) -> Select[CallRow]:
    """Calls of the actor's regions."""
    query = select(CallRow).where(col(CallRow.region).in_(visible_regions(actor, region)))
    if state is not None:
        query = query.where(col(CallRow.state) == state)
    return query if slug is None else query.where(col(CallRow.slug) == slug)


async def call_of(session: AsyncSession, actor: Actor, call_id: UUID) -> CallRow:
    """NotFound, Forbidden."""
    call = await session.get(CallRow, call_id)
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    authorise(actor, Permission.READ_CALLS, region=call.region)
    return call


def applications(actor: Actor, region: str | None, filters: dict[str, Any]) -> Select[ApplicationRow]:
    """Applications that the actor may read; `filters` are columns by name, None for any."""
    seen = and_(col(ApplicationRow.region).in_(visible_regions(actor, region)), _readable(actor))
    wanted = (getattr(ApplicationRow, name) == value for name, value in filters.items() if value is not None)
    return select(ApplicationRow).where(seen, *wanted)


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


async def application_of(session: AsyncSession, actor: Actor, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """One application with its call. NotFound; Forbidden 'wrong-role', 'foreign-region', 'not-owner' or 'not-for-you'."""
    application = await session.get(ApplicationRow, application_id)
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    authorise(actor, Permission.READ_APPLICATION, region=application.region, owner=application.organisation_id)
    if await session.scalar(select(col(ApplicationRow.id)).where(col(ApplicationRow.id) == application_id, _readable(actor))) is None:
        raise Forbidden("not-for-you", "You may not read this application.")
    return application, await session.get_one(CallRow, application.call_id)


async def find_reference(session: AsyncSession, ref: str) -> ApplicationRow | CallRow | None:
    """By id of an application or a call, or by receipt number, whose case does not matter."""
    try:
        identity = UUID(ref)
    except ValueError:
        return (await session.scalars(select(ApplicationRow).where(col(ApplicationRow.receipt) == ref.strip().upper()))).one_or_none()
    return await session.get(ApplicationRow, identity) or await session.get(CallRow, identity)
