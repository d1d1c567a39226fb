"""The context of a use case: the first argument of every command, step and query."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.identity.actor import SYSTEM, Actor
from shared.messaging.outside import Call, Outside
from shared.policy.resolver import PolicyBook


@dataclass(frozen=True, slots=True)
class Context:
    """One transaction with everything that decides beside the input: who acts, the policies, the time, the causing event.

    A route, a subscriber and an activity each build one and call `command(context, ...)`; none of them commits by itself.

    `clock` gives the programme instant, or is one. `event_id`, `event_time` (programme time) and `event_actor` (who caused it) are those
    of the event that is being consumed; None where a person or a workflow acts. `outside` is there while an inbox handles a batch.
    """

    session: AsyncSession
    actor: Actor
    policies: PolicyBook
    clock: datetime | Callable[[], datetime]
    event_id: UUID | None = None
    event_time: datetime | None = None
    event_actor: str | None = None
    outside: Outside | None = None
    _read: list[datetime] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def now(self) -> datetime:
        """The programme instant at which the command decides: read on first use, then kept.

        A command reads it after it holds the lock on what it decides about. An instant read before waiting for a lock would
        let a deadline pass unseen, and date the event before one that is already written.
        """
        if not self._read:
            self._read.append(self.clock if isinstance(self.clock, datetime) else self.clock())
        return self._read[0]

    @property
    def happened_at(self) -> datetime:
        """The time of the consumed event; now when there is none."""
        return self.event_time or self.now

    def is_newer_than(self, last: datetime | None) -> bool:
        """True when the consumed event supersedes what an event of time `last` has set; events arrive in any order.

        Of two events of the same instant the one that arrives later wins.
        """
        return last is None or last <= self.happened_at

    async def call_outside(self, subject: str, call: Call) -> None:
        """For a call to another system that belongs to the transaction and may be repeated: in an inbox with those of the other events of
        its batch, just before the commit; elsewhere at once. `subject`: what the call is about; calls about it keep their order.

        The call does not read or write in the session: others run beside it. What it has found out is written by `write_later`.
        """
        if self.outside is None:
            await call()
        else:
            self.outside.add(subject, call)

    def at_a_new_instant(self) -> "Context":
        """The same context for the next item of a batch: its `now` is read again, under that item's own lock."""
        return replace(self)

    def as_system(self) -> "Context":
        """The same context for what follows by rule from a person's act. Its `now` is read again, on first use."""
        return replace(self, actor=SYSTEM)
