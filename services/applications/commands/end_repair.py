"""The time to mend a returned file has passed."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.complete_screening import complete_screening
from services.applications.commands.lock_case import lock_case
from services.applications.commands.screen_application import find_ineligible
from services.applications.domain.eligibility import NOT_REPAIRED
from shared.messaging.cause import Cause


async def end_repair(session: AsyncSession, cause: Cause, application_id: UUID) -> None:
    """Ineligible when it is still returned and due; nothing when it came back, or was returned once more with a later end."""
    application, call = await lock_case(session, application_id)
    if application.state != "returned" or application.repair_by is None or cause.now < application.repair_by:
        return
    application.changed_at = application.screened_at = cause.now
    find_ineligible(session, cause, application, call, [NOT_REPAIRED])
    await complete_screening(session, cause, call)
