"""The check before an erasure is requested, and before it is confirmed."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.erasure import check_erasure
from services.applications.tables import ApplicationRow, HoldRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def authorise_erasure(context: Context, organisation_id: UUID) -> list[str]:
    """The regions in which the organisation has applications, in all of which the actor has to have the permission. The rows are locked,
    so that none of them is submitted or decided meanwhile. Raises NotFound, Forbidden, or as `check_erasure`."""
    query = (
        select(col(ApplicationRow.id), col(ApplicationRow.region), col(ApplicationRow.state), col(ApplicationRow.decision))
        .where(col(ApplicationRow.organisation_id) == organisation_id)
        .order_by(col(ApplicationRow.id))
        .with_for_update()
    )
    applications = (await context.session.execute(query)).all()
    if not applications:
        raise NotFound("unknown-subject", "Nothing is held about this organisation.")
    regions = sorted({application.region for application in applications})
    for region in regions:
        authorise(context.actor, Permission.ERASE_SUBJECT, region=region)
    subjects = {organisation_id, *(application.id for application in applications)}
    in_force = select(col(HoldRow.id)).where(col(HoldRow.subject_id).in_(subjects), col(HoldRow.lifted_at).is_(None)).limit(1)
    held = await context.session.scalar(in_force) is not None
    check_erasure(((application.state, application.decision) for application in applications), held=held)
    return regions
