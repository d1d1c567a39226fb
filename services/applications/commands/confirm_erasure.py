"""A second officer confirms an erasure: the key of the organisation is destroyed, here and in every other service."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.applications.steps.erasure import authorise_erasure
from services.applications.tables import ApplicationRow, ErasureRow
from shared.contracts.applications import SubjectErased
from shared.identity.duties import Duty
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.privacy.keys import destroy_key


async def confirm_erasure(context: Context, erasure_id: UUID) -> ErasureRow:
    """The erasure, now in force; one that is in force already is not changed. Raises as `authorise_erasure`, and Forbidden
    'incompatible-step' for who has requested it."""
    erasure = await context.session.get(ErasureRow, erasure_id, with_for_update=True, populate_existing=True)
    if erasure is None:
        raise NotFound("unknown-erasure", "There is no such erasure.")
    await authorise_erasure(context, Duty.CONFIRM_ERASURE, erasure.organisation_id)
    if erasure.confirmed_at is not None:
        return erasure
    erasure.confirmed_by, erasure.confirmed_at = context.actor.id, context.now
    of_subject = col(ApplicationRow.organisation_id) == erasure.organisation_id
    await context.session.execute(update(ApplicationRow).where(of_subject).values(tax_key=None))
    await destroy_key(context.session, erasure.organisation_id, context.now)
    event = SubjectErased(organisation_id=erasure.organisation_id, region=erasure.region, erasure_id=erasure.id)
    publish(context, event, reason=erasure.reason, policy_id="")
    return erasure
