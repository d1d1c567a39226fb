"""Hours on a wall clock that a change of clocks leaves out, or brings twice."""

from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Doubt(StrEnum):
    """Why a wall time names no single instant."""

    MISSING = "missing"
    TWICE = "twice"


def doubt_of(local: datetime, zone: str) -> Doubt | None:
    """Whether the naive wall time comes not once in the zone; None when it does."""
    first, second = readings_of(local, zone)
    if first == second:
        return None
    return Doubt.TWICE if _wall(first, zone) == local.replace(fold=0) else Doubt.MISSING


def readings_of(local: datetime, zone: str) -> tuple[datetime, datetime]:
    """The two instants (UTC) that a naive wall time may mean, the earlier first; of an hour that comes once the same twice. Of an hour that
    the clock leaves out they are as far before and after the change as the hour was meant to be."""
    readings = (local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    earlier, later = sorted(readings)
    return earlier, later


def _wall(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
