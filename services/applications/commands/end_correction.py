"""Milestone repair-ends: the time to correct a returned application has passed."""

from services.applications.domain.eligibility import NOT_REPAIRED
from services.applications.domain.submission import correction_ends
from services.applications.locks import lock_case
from services.applications.steps.screening import complete_screening, find_ineligible
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context


async def end_correction(context: Context, event: MilestoneReached) -> None:
    """Makes the application ineligible when it is still returned and due. Does nothing when it was submitted again, or returned once
    more with a later deadline. NotYet while an extended call is open."""
    application, call = await lock_case(context, event.subject_id)
    if application.state != ApplicationState.RETURNED or application.repair_by is None or context.now < application.repair_by:
        return
    if context.now < correction_ends(application.repair_by, call.closes_at):
        raise NotYet(call.id, "the call was extended: what is returned may be corrected until its end")
    application.changed_at = application.screened_at = context.now
    find_ineligible(context, application, call, [NOT_REPAIRED])
    await complete_screening(context, call)
