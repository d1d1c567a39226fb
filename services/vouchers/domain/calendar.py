"""The dates of a call as its calendar keeps them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class CallDate(StrEnum):
    OPENS = "call-opens"
    CLOSING_SOON = "call-closing-soon"
    CLOSES = "call-closes"
    EVALUATION_DUE = "evaluation-due"
    APPEALS_OVER = "appeals-over"
    RESERVE_LIST_ENDS = "reserve-list-ends"


class PlannedDate(BaseModel):
    """`reached_at`: announced then; `replaced_at`: an extension put a later date in its place then. Both None: to come."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    kind: CallDate
    due_at: datetime
    reached_at: datetime | None = None
    replaced_at: datetime | None = None

    @property
    def to_come(self) -> bool:
        return self.reached_at is None and self.replaced_at is None


def moved(dates: Sequence[PlannedDate], new: dict[CallDate, datetime]) -> tuple[list[PlannedDate], list[PlannedDate]]:
    """(dates that are replaced, dates that take their place) when a call is extended.

    Reminders of the close move by as much as the close. A close that was announced on its old date is announced again on the new one.
    """
    last = {kind: max((date.due_at for date in dates if date.kind is kind), default=None) for kind in new}
    later = {kind: due for kind, due in new.items() if (before := last[kind]) is None or due > before}
    old_close, new_close = last.get(CallDate.CLOSES), later.get(CallDate.CLOSES)
    if old_close is None or new_close is None:
        return [], []
    shift = new_close - old_close
    reminders = [date for date in dates if date.kind is CallDate.CLOSING_SOON and date.to_come]
    replaced = reminders + [date for date in dates if date.kind in later and date.to_come]
    fresh = [PlannedDate(kind=date.kind, due_at=date.due_at + shift) for date in reminders]
    return replaced, fresh + [PlannedDate(kind=kind, due_at=due) for kind, due in later.items()]


def next_look(dates: Sequence[PlannedDate], awaits_ranking: bool, programme_end: datetime, now: datetime) -> datetime | None:
    """When something is due next; None when the calendar has come to its end.

    A call whose ranking is still awaited keeps its calendar, for the appeals, until the programme ends.
    """
    to_come = [date.due_at for date in dates if date.to_come]
    if to_come:
        return min(to_come)
    return programme_end if awaits_ranking and now < programme_end else None
