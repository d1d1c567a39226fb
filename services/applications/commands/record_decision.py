"""AwardGranted, PlacedOnReserveList, AwardRefused: evaluation has decided."""

from collections.abc import Mapping

from services.applications.locks import lock_application
from shared.contracts.evaluation import AwardGranted, AwardRefused, PlacedOnReserveList
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.messaging.event import Event

OUTCOMES: Mapping[type[Event], DecisionOutcome] = {
    AwardGranted: DecisionOutcome.GRANTED,
    PlacedOnReserveList: DecisionOutcome.RESERVE,
    AwardRefused: DecisionOutcome.REFUSED,
}


async def record_decision(context: Context, event: AwardGranted | PlacedOnReserveList | AwardRefused) -> None:
    """Stores the decision with the application, where its applicant reads it. The latest one by its own time is kept, in whatever
    order they arrive."""
    application = await lock_application(context, event.application_id)
    if context.is_newer_than(application.decided_at):
        application.decision, application.decided_at = OUTCOMES[type(event)], context.happened_at
