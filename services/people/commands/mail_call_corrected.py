"""CallCorrected: the texts of a call have a new version."""

from services.people.domain.mails import Template
from services.people.queries.cases import cases_of_call, known_call
from services.people.steps.mails import mail_members
from shared.contracts.applications import CallCorrected
from shared.contracts.binding import require_equal, require_same
from shared.messaging.context import Context


async def mail_call_corrected(context: Context, event: CallCorrected) -> None:
    """To the applicants of the call, whether they have submitted or not. `NotYet` when CallPublished has not arrived; `Contradiction`
    when the call is of another region."""
    call = await known_call(context, event.call_id)
    require_equal(event, "region", event.region, call.region)
    for case in await cases_of_call(context, event.call_id):
        require_same(event, case)
        await mail_members(context, case, Template.CALL_CORRECTED, {"number": event.number})
