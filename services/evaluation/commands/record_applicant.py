"""ApplicantJoined, ApplicantMemberRecorded: who acts for an applicant scores nothing in the call, also when it was scored before."""

from services.evaluation.locks import lock_call
from services.evaluation.steps.conflicts import keep_tied_evaluators_off
from services.evaluation.tables import CallRow
from shared.contracts.applications import ApplicantJoined, ApplicantMemberRecorded
from shared.messaging.context import Context


async def record_applicant(context: Context, event: ApplicantJoined | ApplicantMemberRecorded) -> None:
    """The inbox records the act itself. Before evaluators are assigned there is nothing to do: the assignment leaves such persons out."""
    call = await context.session.get(CallRow, event.call_id)
    if call is not None and call.complete_at is not None:
        await keep_tied_evaluators_off(context, await lock_call(context, event.call_id))
