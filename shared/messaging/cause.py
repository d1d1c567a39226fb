"""Why a change is made: handed to every command beside its input, written into every event it publishes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Cause:
    """`actor` is a pseudonymous subject id or 'system'; `clock` gives the programme instant, or is one.

    `event_id` and `event_time` are the causing event's (programme time), when there is one.
    """

    actor: str
    clock: datetime | Callable[[], datetime]
    event_id: UUID | None = None
    event_time: datetime | None = None
    traceparent: str | None = None
    _read: list[datetime] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def now(self) -> datetime:
        """The programme instant at which the command decides: read when it is first asked for, then kept.

        A command asks after it holds the lock on what it decides about. An instant read before waiting for a lock would let a
        deadline pass unseen, and date the event before one that is already written.
        """
        if not self._read:
            self._read.append(self.clock if isinstance(self.clock, datetime) else self.clock())
        return self._read[0]

    @property
    def happened_at(self) -> datetime:
        """When the causing event happened; now when there is none."""
        return self.event_time or self.now

    def follows(self, last: datetime | None) -> bool:
        """Whether this is news after `last`, when the latest news that counts happened: events may be heard in any order. Of two that
        happened at once the one heard later counts."""
        return last is None or last <= self.happened_at

    def afresh(self) -> "Cause":
        """The same cause for the next of several things that one command decides about, each under its own lock."""
        return replace(self)
