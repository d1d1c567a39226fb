"""From one round of a rolling call to the next: who waited on the reserve list to its end takes part again."""

from services.applications.domain.form import stored_form
from services.applications.domain.rounds import RoundWindow, next_open_round
from services.applications.queries.rounds import rounds_with
from services.applications.steps.drafts import add_draft
from services.applications.steps.members import record_members
from services.applications.steps.submission import Submission, submit
from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import ApplicationState, CallState
from shared.messaging.context import Context
from shared.policy.schema import Policy

ENDED = "reserve-list-ended"


def check_carried(context: Context, call: CallRow, policy: Policy) -> None:
    """`Refused` 'carried-with-files': the content of a file stays with its case, so it cannot be carried into a round."""
    if call.series and policy.rounds and policy.rounds.waiting == "next" and context.policies.form(call.form_id).file_questions:
        raise Refused(
            "carried-with-files",
            "The policy carries applications into the next round, and the form asks for files, which stay with their case.",
            field="cut_offs",
        )


async def carry_over(context: Context, application: ApplicationRow) -> None:
    """An application that was refused because the reserve list of its round has ended is submitted again, with the same answers, in the
    next round that is not over, where the policy says so. Its organisation is locked. Its applicant gets the receipt, and may withdraw it.
    Not where it was withdrawn, its answers are gone, or the later round refuses it."""
    call = await context.session.get_one(CallRow, application.call_id)
    policy = context.policies.get(call.policy_id)
    if policy.rounds is None or policy.rounds.waiting != "next" or application.state != ApplicationState.ELIGIBLE:
        return
    rounds = {one.round_number or 0: one for one in await rounds_with(context, call)}
    windows = [RoundWindow(number, one.opens_at, one.closes_at, one.state == CallState.CLOSED) for number, one in rounds.items()]
    number = next_open_round(windows, call.round_number or 0, context.now)
    if number is None or application.form is None:
        return
    context, later, form = context.as_system(), rounds[number], stored_form(application.form)
    try:
        async with context.session.begin_nested():
            carried = add_draft(context, later, application.organisation_id, form, carried_from=application.id)
            await record_members(context, carried, later)
            await submit(context, Submission(carried, later, context.policies.get(later.policy_id), form))
            await context.session.flush()
    except Refused:
        return
