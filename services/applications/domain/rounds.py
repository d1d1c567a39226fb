"""Which round of a rolling call takes over what an earlier one leaves, and when a round ends at the latest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class RoundWindow:
    """`closed`: the number of its applications is final."""

    number: int
    opens_at: datetime
    closes_at: datetime
    closed: bool


def next_open_round(rounds: Iterable[RoundWindow], after: int, now: datetime) -> int | None:
    """The number of the first round after `after` that takes applications now. None when all are over."""
    later = [one.number for one in rounds if one.number > after and one.opens_at <= now < one.closes_at and not one.closed]
    return min(later, default=None)


def check_round_end(closes_at: datetime, later: Iterable[datetime], zone: str) -> None:
    """`later`: the ends of the rounds after it. `Refused` 'round-after-next' for an end that is not before all of them. Rounds end one by
    one: who waits in one takes part in the next, and money that is left goes there."""
    first = min(later, default=None)
    if first is not None and closes_at >= first:
        raise Refused(
            "round-after-next",
            "The next round of this call is open until {until}. This one has to end before it.",
            field="closes_at",
            until=first,
            zone=zone,
        )
