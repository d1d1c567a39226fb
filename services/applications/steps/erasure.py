"""The check before an erasure is requested, and before it is confirmed."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.erasure import check_erasure
from services.applications.tables import ApplicationRow, CallRow, HoldRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import CallState
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def authorise_erasure(context: Context, duty: Duty, organisation_id: UUID) -> list[str]:
    """The regions in which the organisation has applications, in all of which the actor has to have the permission; an actor who took part
    in one of them for the applicant is refused. The rows are locked, so that none of them is submitted or decided meanwhile. Raises
    NotFound, Forbidden, or as `check_erasure`."""
    query = (
        select(
            col(ApplicationRow.id), col(ApplicationRow.region), col(ApplicationRow.state), col(ApplicationRow.decision), col(CallRow.state)
        )
        .join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
        .where(col(ApplicationRow.organisation_id) == organisation_id)
        .order_by(col(ApplicationRow.id))
        .with_for_update(of=ApplicationRow)
    )
    applications = (await context.session.execute(query)).all()
    if not applications:
        raise NotFound("unknown-subject", "Nothing is held about this organisation.")
    ids, regions = [row[0] for row in applications], sorted({row[1] for row in applications})
    for region in regions:
        authorise(context.actor, Permission.ERASE_SUBJECT, region=region)
    await take_part(context, duty, organisation_id, *ids)
    in_force = select(col(HoldRow.id)).where(col(HoldRow.subject_id).in_([organisation_id, *ids]), col(HoldRow.lifted_at).is_(None))
    held = await context.session.scalar(in_force.limit(1)) is not None
    check_erasure(((state, decision, call == CallState.CLOSED) for _, _, state, decision, call in applications), held=held)
    return regions
