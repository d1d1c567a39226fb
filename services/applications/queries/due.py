"""The cases whose content is removed next: what can still be held."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.applications.queries.retention import due_cases
from services.applications.tables import ApplicationRow, HoldRow
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.vocabulary import HoldSubject, RetentionClass
from shared.messaging.context import Context


class DueCaseView(BaseModel):
    """`kept_until`: the end of the term; the first daily run after it removes the content. `held`: by a legal hold, so that it stays.
    `receipt` is null of a draft."""

    application_id: UUID
    receipt: str | None
    region: str
    policy_id: str
    retention_class: RetentionClass
    kept_until: datetime
    held: bool


class DueCasesView(BaseModel):
    """The first of them, by the end of their terms; `total` counts all."""

    items: list[DueCaseView]
    total: int


async def list_due_cases(context: Context, region: str | None, within_days: int, limit: int) -> DueCasesView:
    """Cases whose term is over, or ends in so many days: without personal data."""
    regions = sorted(visible_regions(context.actor, Permission.READ_RETENTION, region))
    at = context.now + timedelta(days=within_days)
    due = [(case, place) for place in regions for case in await due_cases(context, place, at)]
    due.sort(key=lambda one: (one[0].kept_until, one[0].application_id))
    shown = due[:limit]
    held, row = await _held(context, regions), ApplicationRow
    ids = [case.application_id for case, _ in shown]
    known = {
        application: (receipt, organisation)
        for application, receipt, organisation in await context.session.execute(
            select(col(row.id), col(row.receipt), col(row.organisation_id)).where(col(row.id).in_(ids))
        )
    }
    items = [
        DueCaseView(
            application_id=case.application_id, receipt=known[case.application_id][0], region=place, policy_id=case.policy_id,
            retention_class=case.retention_class, kept_until=case.kept_until,
            held=(HoldSubject.CASE, case.application_id, place) in held
            or (HoldSubject.ORGANISATION, known[case.application_id][1], place) in held,
        )
        for case, place in shown
    ]  # fmt: skip
    return DueCasesView(items=items, total=len(due))


async def _held(context: Context, regions: list[str]) -> set[tuple[str, UUID, str]]:
    """Kind, subject and region of each hold in force."""
    row = HoldRow
    query = select(col(row.subject_kind), col(row.subject_id), col(row.region)).where(
        col(row.lifted_at).is_(None), col(row.region).in_(regions)
    )
    return {(kind, subject, region) for kind, subject, region in (await context.session.execute(query)).all()}
