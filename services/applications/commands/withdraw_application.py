"""An applicant takes a file back."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.complete_screening import complete_screening
from services.applications.commands.lock_case import lock_case
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationWithdrawn
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish


async def withdraw_application(session: AsyncSession, cause: Cause, actor: Actor, application_id: UUID, reason: str) -> ApplicationRow:
    """It no longer competes, and its place is free again. A draft goes without an event: nobody else knows of it.
    `Conflict` when it is decided: an award is given up as a voucher."""
    application, call = await lock_case(session, application_id)
    authorise(actor, Permission.WITHDRAW, region=application.region, owner=application.organisation_id)
    if application.state == "withdrawn":
        return application
    if application.state == "ineligible" or application.decision in ("granted", "refused"):
        raise Conflict("already-decided", "The application is decided.", state=application.state, decision=application.decision)
    application.state, application.changed_at = "withdrawn", cause.now
    application.live_slot = application.repair_by = None
    if application.sequence is not None:
        event = ApplicationWithdrawn(application_id=application.id, call_id=call.id, region=call.region, sequence=application.sequence)
        publish(session, cause, event, reason=reason, policy_id=call.policy_id)
        await complete_screening(session, cause, call)
    return application
