"""Why a change is made: handed to every command beside its input, written into every event it publishes."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Cause:
    """`actor` is a pseudonymous subject id or 'system'; `now` the programme instant at which the command decides.

    `event_id` and `event_time` are the causing event's (programme time), when there is one.
    """

    actor: str
    now: datetime
    event_id: UUID | None = None
    event_time: datetime | None = None
    traceparent: str | None = None

    def at(self, now: datetime) -> "Cause":
        return replace(self, now=now)
