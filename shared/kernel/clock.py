"""The programme clock: all dates of the domain are programme time; tokens, leases, retries and telemetry are real time.

An anchor ties a real instant to a programme instant and a factor says how much faster the programme runs. In production
there is no anchor and the factor is 1. The demonstration runs one programme day in a second, so that ten months with
every calendar rule in force pass in five minutes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class ProgrammeClock:
    """`day_seconds` real seconds make one programme day; `real` and `programme` are the two sides of the anchor (UTC)."""

    day_seconds: int = DAY_SECONDS
    real: datetime = _EPOCH
    programme: datetime = _EPOCH

    def __post_init__(self) -> None:
        if self.day_seconds <= 0 or self.real.tzinfo is None or self.programme.tzinfo is None:
            raise ValueError("a clock needs a positive day length and anchors with a zone")

    def now(self) -> datetime:
        """The programme instant at this real instant, UTC."""
        return self.at(datetime.now(UTC))

    def at(self, real: datetime) -> datetime:
        """The programme instant at a real instant."""
        elapsed = (real - self.real) // _MICROSECOND  # an int, because decades times 86,400 are more than a timedelta holds
        return self.programme + elapsed * DAY_SECONDS // self.day_seconds * _MICROSECOND

    def real_time_until(self, programme: datetime, real_now: datetime) -> timedelta:
        """How long to sleep, in real time, until `programme`; never negative. Rounded up to a millisecond, so that
        a timer that fires finds its instant passed."""
        wait = (programme - self.at(real_now)) * self.day_seconds / DAY_SECONDS
        return max(timedelta(0), wait + timedelta(milliseconds=1)) if wait > timedelta(0) else timedelta(0)

    def real_time_left(self, programme: datetime) -> timedelta:
        """How long to sleep, in real time, from now until `programme`; never negative, rounded up as above."""
        wait = self.real_duration(programme - self.now())
        return wait + timedelta(milliseconds=1) if wait > timedelta(0) else timedelta(0)

    def real_duration(self, programme: timedelta) -> timedelta:
        """A span of programme time in real time."""
        return programme * self.day_seconds / DAY_SECONDS
