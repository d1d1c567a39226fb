"""Dispatches MilestoneReached by its kind."""

from collections.abc import Mapping

from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.inbox import Handler


def by_kind(commands: Mapping[MilestoneKind, Handler]) -> Handler:
    """A handler that calls the command of the milestone's kind. Other kinds belong to other services and are ignored.

    An unknown kind was logged when the event was read (`shared.contracts.words`). `NotYet` for a milestone whose instant our own clock
    has not reached, so no deadline passes early.
    """

    async def handle(context: Context, event: MilestoneReached) -> None:
        command = commands.get(event.kind)  # type: ignore[call-overload] # an unknown kind is plain text
        if command is None:
            return
        if context.now < event.due_at:
            raise NotYet(event.subject_id, "the instant of the milestone has not come")
        await command(context.at_a_new_instant(), event)

    return handle
