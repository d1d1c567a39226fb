"""An applicant takes a file back."""

from uuid import UUID

from services.applications.locks import lock_case
from services.applications.steps.complete_screening import complete_screening
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationWithdrawn
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def withdraw_application(context: Context, application_id: UUID, reason: str) -> ApplicationRow:
    """It no longer competes, and its place is free again. A draft goes without an event: nobody else knows of it.
    `Conflict` when it is decided: an award is given up as a voucher."""
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.WITHDRAW, region=application.region, owner=application.organisation_id)
    if application.state == "withdrawn":
        return application
    if application.state == "ineligible" or application.decision in ("granted", "refused"):
        raise Conflict("already-decided", "The application is decided.", state=application.state, decision=application.decision)
    application.state, application.changed_at = "withdrawn", context.now
    application.live_slot = application.repair_by = None
    if application.sequence is not None:
        event = ApplicationWithdrawn(application_id=application.id, call_id=call.id, region=call.region, sequence=application.sequence)
        publish(context, event, reason=reason, policy_id=call.policy_id)
        await complete_screening(context, call)
    return application
