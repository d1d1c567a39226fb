"""First come with money reserved at registration: for which applications of the queue it is there now. (No I/O, no clock.)"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.evaluation.domain.states import QueueState


class RegistrationState(StrEnum):
    """RESERVED: the money asked for is held. QUEUED: earlier applications hold it. RELEASED: withdrawn or refused, and it holds nothing.
    DECIDED: the decision says what it holds."""

    RESERVED = "reserved"
    QUEUED = "queued"
    RELEASED = "released"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Registered:
    """An application in the queue. `requested_minor` None: not known here."""

    sequence: int
    state: str
    requested_minor: int | None
    decided: bool


def registrations(entries: Iterable[Registered], free_minor: int, *, has_waiting: bool) -> dict[int, RegistrationState]:
    """Sequence → whether its money is reserved. `free_minor`: what the awards leave of the envelope; `has_waiting`: somebody is on the
    reserve list already. As with decisions, a smaller request does not overtake: after the first that does not fit nothing is reserved.
    What it may be offered as a part is not the money asked for, so it is queued.
    """
    found, open_ = dict[int, RegistrationState](), not has_waiting
    for entry in sorted(entries, key=lambda one: one.sequence):
        if entry.state in (QueueState.INELIGIBLE, QueueState.WITHDRAWN, QueueState.MOVED):
            found[entry.sequence] = RegistrationState.RELEASED
        elif entry.decided:
            found[entry.sequence] = RegistrationState.DECIDED
        else:
            open_ = open_ and entry.requested_minor is not None and entry.requested_minor <= free_minor
            free_minor -= (entry.requested_minor or 0) if open_ else 0
            found[entry.sequence] = RegistrationState.RESERVED if open_ else RegistrationState.QUEUED
    return found
