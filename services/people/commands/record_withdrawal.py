"""ApplicationWithdrawn, DraftWithdrawn: the call's later dates do not concern its applicants any more."""

from services.people.queries.cases import reported_case
from shared.contracts.applications import ApplicationWithdrawn, DraftWithdrawn
from shared.messaging.context import Context


async def record_withdrawal(context: Context, event: ApplicationWithdrawn | DraftWithdrawn) -> None:
    """`NotYet` when the case is not known; `Contradiction` when the event differs from it."""
    case = await reported_case(context, event)
    case.withdrawn_at = context.happened_at
