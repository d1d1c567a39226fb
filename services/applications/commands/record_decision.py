"""AwardGranted, ExpressionChosen, PlacedOnReserveList, AwardRefused: evaluation has decided."""

from collections.abc import Mapping

from services.applications.locks import lock_application, read_case
from services.applications.steps.carrying import ENDED, carry_over
from services.applications.steps.invitations import invite_to_published
from shared.contracts.evaluation import AwardGranted, AwardRefused, ExpressionChosen, PlacedOnReserveList
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.messaging.event import Event

OUTCOMES: Mapping[type[Event], DecisionOutcome] = {
    AwardGranted: DecisionOutcome.GRANTED,
    ExpressionChosen: DecisionOutcome.INVITED,
    PlacedOnReserveList: DecisionOutcome.RESERVE,
    AwardRefused: DecisionOutcome.REFUSED,
}


async def record_decision(context: Context, event: AwardGranted | ExpressionChosen | PlacedOnReserveList | AwardRefused) -> None:
    """Stores the decision with the application, where its applicant reads it. The latest one by its own time is kept, in whatever
    order they arrive. Who is chosen is invited to the calls that are published already; who waited
    to the end of a reserve list may be carried into a later round."""
    waited = isinstance(event, AwardRefused) and ENDED in event.rules
    if waited:
        application, _ = await read_case(context, event.application_id, and_organisation=True)
    else:
        application = await lock_application(context, event.application_id)
    is_newer = context.is_newer_than(application.decided_at)
    if is_newer:
        application.decision, application.decided_at = OUTCOMES[type(event)], context.happened_at
    if isinstance(event, ExpressionChosen):
        await invite_to_published(context, application, event)
    if waited and is_newer:
        await context.session.flush()
        await carry_over(context, application)
