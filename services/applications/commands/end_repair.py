"""The time to mend a returned file has passed."""

from uuid import UUID

from services.applications.commands.screen_application import find_ineligible
from services.applications.domain.eligibility import NOT_REPAIRED
from services.applications.locks import lock_case
from services.applications.steps.complete_screening import complete_screening
from shared.messaging.context import Context


async def end_repair(context: Context, application_id: UUID) -> None:
    """Ineligible when it is still returned and due; nothing when it came back, or was returned once more with a later end."""
    application, call = await lock_case(context, application_id)
    if application.state != "returned" or application.repair_by is None or context.now < application.repair_by:
        return
    application.changed_at = application.screened_at = context.now
    find_ineligible(context, application, call, [NOT_REPAIRED])
    await complete_screening(context, call)
