"""Milestone call-opens: the opening instant has passed."""

from services.applications.locks import lock_call
from services.applications.steps.opening import open_if_due
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context


async def open_call(context: Context, event: MilestoneReached) -> None:
    """Opens the call; does nothing when it is open already, or not due by our own clock."""
    open_if_due(context, await lock_call(context, event.subject_id))
