"""The dates of a call, and how they move."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from shared.kernel.vocabulary import MilestoneKind

CallDateKind = Literal[
    MilestoneKind.CALL_OPENS,
    MilestoneKind.CALL_CLOSING_SOON,
    MilestoneKind.CALL_CLOSES,
    MilestoneKind.EVALUATION_DUE,
    MilestoneKind.APPEALS_OVER,
    MilestoneKind.RESERVE_LIST_ENDS,
]
"""The milestones that are dates of a call."""


class PlannedDate(BaseModel):
    """`reached_at`: when it was announced. `replaced_at`: when an extension set a later date instead. Both None: still to come."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    kind: CallDateKind
    due_at: datetime
    reached_at: datetime | None = None
    replaced_at: datetime | None = None

    @property
    def to_come(self) -> bool:
        return self.reached_at is None and self.replaced_at is None


def moved(dates: Sequence[PlannedDate], new: Mapping[CallDateKind, datetime], zone: str) -> tuple[list[PlannedDate], list[PlannedDate]]:
    """(dates that are replaced, dates that replace them) when a call is extended.

    Reminders of the close move by as much as the close on the clocks of the `zone`: over a change of clocks they stay as many whole days
    before it. A close that was announced on its old date is announced again on the new one.
    """
    last = {kind: max((date.due_at for date in dates if date.kind is kind), default=None) for kind in new}
    later = {kind: due for kind, due in new.items() if (before := last[kind]) is None or due > before}
    old_close, new_close = last.get(MilestoneKind.CALL_CLOSES), later.get(MilestoneKind.CALL_CLOSES)
    if old_close is None or new_close is None:
        return [], []
    shift = _on_clocks(new_close, zone) - _on_clocks(old_close, zone)
    reminders = [date for date in dates if date.kind is MilestoneKind.CALL_CLOSING_SOON and date.to_come]
    replaced = reminders + [date for date in dates if date.kind in later and date.to_come]
    earlier = (_on_clocks(date.due_at, zone) + shift for date in reminders)
    new_reminders = [
        PlannedDate(kind=date.kind, due_at=local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
        for date, local in zip(reminders, earlier, strict=True)
    ]
    return replaced, new_reminders + [PlannedDate(kind=kind, due_at=due) for kind, due in later.items()]


def _on_clocks(instant: datetime, zone: str) -> datetime:
    """Without its zone: what clocks there show."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def next_check(dates: Sequence[PlannedDate], awaits_ranking: bool, programme_end: datetime, now: datetime) -> datetime | None:
    """When a date is due next; None when the calendar has ended.

    While the ranking of a call is awaited its calendar stays, for the appeals, until the programme ends.
    """
    to_come = [date.due_at for date in dates if date.to_come]
    if to_come:
        return min(to_come)
    return programme_end if awaits_ranking and now < programme_end else None
