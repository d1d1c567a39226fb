"""An officer requests the erasure of what is held about an organisation."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.steps.erasure import authorise_erasure
from services.applications.tables import ErasureRow
from shared.contracts.applications import ErasureRequested
from shared.identity.duties import Duty
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def request_erasure(context: Context, organisation_id: UUID, reason: str) -> ErasureRow:
    """The request, which another officer has to confirm; a request that there is already is not changed. Raises as `authorise_erasure`."""
    region = (await authorise_erasure(context, Duty.REQUEST_ERASURE, organisation_id))[0]
    known = (await context.session.scalars(select(ErasureRow).where(col(ErasureRow.organisation_id) == organisation_id))).one_or_none()
    if known is not None:
        return known
    erasure = ErasureRow(
        id=new_id(),
        organisation_id=organisation_id,
        region=region,
        reason=reason,
        requested_by=context.actor.id,
        requested_at=context.now,
    )
    context.session.add(erasure)
    publish(context, ErasureRequested(organisation_id=organisation_id, region=region, erasure_id=erasure.id), reason=reason, policy_id="")
    return erasure
