"""An officer places a legal hold on a case or on an organisation."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.locks import lock_application
from services.applications.tables import ApplicationRow, HoldRow
from shared.contracts.applications import LegalHoldPlaced
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import HoldSubject
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def place_hold(context: Context, region: str, subject_kind: HoldSubject, subject_id: UUID, reason: str) -> HoldRow:
    """The hold, in force at once. `NotFound` for a case or an organisation that has nothing in the region."""
    authorise(context.actor, Permission.MANAGE_HOLDS, region=region)
    if subject_kind is HoldSubject.CASE:
        application = await lock_application(context, subject_id)  # a removal that runs now ends first
        known, cases = application.region == region, [application.id]
    else:
        of_organisation = (col(ApplicationRow.organisation_id) == subject_id, col(ApplicationRow.region) == region)
        rows = select(col(ApplicationRow.id)).where(*of_organisation).order_by(col(ApplicationRow.id)).with_for_update()
        cases = list(await context.session.scalars(rows))  # a removal or an erasure that runs now ends first
        known = bool(cases)
    if not known:
        raise NotFound("nothing-to-hold", "There is no such case or organisation in this region.", field="subject_id")
    await take_part(context, Duty.PLACE_HOLD, subject_id, *cases)
    hold = HoldRow(
        id=new_id(), region=region, subject_kind=subject_kind, subject_id=subject_id, reason=reason, placed_by=context.actor.id,
        placed_at=context.now,
    )  # fmt: skip
    context.session.add(hold)
    event = LegalHoldPlaced(hold_id=hold.id, region=region, subject_kind=subject_kind, subject_id=subject_id)
    publish(context, event, reason=reason, policy_id="")
    return hold
