"""A rolling call: one window with several cut-offs. What was submitted up to a cut-off is decided together, as a round of the call.

Each round is a call of its own for all that follows (its queue, list, appeals and envelope), under the rules of the day on which the first
one opens. Source of the shape: Małopolska, bony na innowacje 2017: the call is open for three months, in stages of a month, each decided
within two months of its end (lgd.dunajecbiala.pl, 8 March 2017); Croatia, vaučeri za digitalizaciju: three terms of one call.
"""

from calendar import monthrange
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from shared.kernel.money import BASIS
from shared.policy.sections import Slug, Strict

MOST_ROUNDS = 24
_LOCAL = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"
LocalTime = Annotated[
    datetime, WithJsonSchema({"type": "string", "pattern": _LOCAL, "description": "Local time of the region, without a zone"})
]
"""Not what JSON Schema calls a date-time: that has a zone."""


class CutOffs(Strict):
    """`dates`, or every so many months from the opening on; the close of the call is the last one. `parts_bp`: the part of the budget for
    each round, in order, the whole together; without it every round has the same."""

    dates: Annotated[tuple[LocalTime, ...], Field(min_length=1, max_length=MOST_ROUNDS - 1)] | None = None
    every_months: Annotated[int, Field(gt=0, le=12)] | None = None
    parts_bp: Annotated[tuple[Annotated[int, Field(gt=0, lt=BASIS)], ...], Field(max_length=MOST_ROUNDS)] | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.dates is None) == (self.every_months is None):
            raise ValueError("cut_offs: either dates, or every_months")
        if self.dates is not None and (list(self.dates) != sorted(set(self.dates)) or any(one.tzinfo for one in self.dates)):
            raise ValueError("cut_offs: dates are local times without a zone, one after the other")
        if self.parts_bp is not None and sum(self.parts_bp) != BASIS:
            raise ValueError("cut_offs: the parts of the budget make the whole together")
        return self

    def ends(self, opens_at: datetime, closes_at: datetime) -> list[datetime]:
        """The end of each round. ValueError when they do not fit into the window, or the parts of the budget do not fit them."""
        found = list(self.dates or _every(self.every_months or 1, opens_at, closes_at))
        if any(not opens_at < one < closes_at for one in found):
            raise ValueError("cut_offs: every date is between opens_at and closes_at")
        if not found or len(found) >= MOST_ROUNDS:
            raise ValueError(f"cut_offs: a call has two to {MOST_ROUNDS} rounds")
        if self.parts_bp is not None and len(self.parts_bp) != len(found) + 1:
            raise ValueError(f"cut_offs: there are {len(found) + 1} rounds, and {len(self.parts_bp)} parts of the budget")
        return [*found, closes_at]

    def parts(self, envelope_minor: int, count: int) -> list[int]:
        """The budget of each round; what rounding leaves is the last one's."""
        shares = self.parts_bp or (BASIS // count,) * count
        parts = [envelope_minor * share // BASIS for share in shares[:-1]]
        return [*parts, envelope_minor - sum(parts)]


class RoundRules(Strict):
    """What goes from one round of a rolling call to the next. `left_over`: money that nobody on the list of a round can get any more, once
    its reserve list has ended, stays with the round, or is proposed to finance for the next one. `waiting`: who is on the reserve list
    until its end is refused, or takes part in the next round that is not over yet, with the same answers."""

    left_over: Literal["stays", "next"]
    waiting: Literal["refused", "next"]


class Round(Strict):
    """Which round of which rolling call a call is."""

    series: Slug
    number: Annotated[int, Field(gt=0)]
    count: Annotated[int, Field(gt=1, le=MOST_ROUNDS)]


def _every(months: int, opens_at: datetime, closes_at: datetime) -> list[datetime]:
    """The same day and hour so many months later, or the last day of a month that is too short; before the day of the close."""
    found = []
    for step in range(1, MOST_ROUNDS + 1):
        years, month = divmod(opens_at.month - 1 + step * months, 12)
        year = opens_at.year + years
        day = min(opens_at.day, monthrange(year, month + 1)[1])
        moment = datetime.combine(date(year, month + 1, day), opens_at.time())
        if moment.date() >= closes_at.date():
            break
        found.append(moment)
    return found
