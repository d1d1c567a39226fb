"""The programme clock: real time in production, a day per second in the demonstration, one anchor for all processes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import ProgrammeClock
from tests.support.desk import FrozenClock

REAL = datetime(2026, 11, 23, 10, tzinfo=UTC)
START = datetime(2025, 12, 1, tzinfo=UTC)
FAST = ProgrammeClock(1, REAL, START)
instants = st.integers(0, 10 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@given(instants)
def test_programme_time_without_an_anchor_is_real_time(instant: datetime) -> None:
    assert ProgrammeClock().at(instant) == instant


def test_programme_day_of_one_second() -> None:
    assert FAST.at(REAL + timedelta(seconds=31)) == datetime(2026, 1, 1, tzinfo=UTC)
    assert FAST.real_duration(timedelta(days=10)) == timedelta(seconds=10)


@given(instants, st.integers(-3600, 36_000).map(lambda seconds: REAL + timedelta(seconds=seconds)))
def test_fired_timer_finds_its_instant_passed(due: datetime, real_now: datetime) -> None:
    for clock in (FAST, ProgrammeClock(), ProgrammeClock(3600, REAL, START)):
        assert clock.at(real_now + clock.real_time_until(due, real_now)) >= due
        assert clock.real_time_until(due, real_now) >= timedelta(0)


@pytest.mark.parametrize(("days", "left"), [(-1, timedelta(0)), (0, timedelta(0)), (10, timedelta(seconds=10, milliseconds=1))])
def test_time_left_is_real_time_from_now(days: int, left: timedelta) -> None:
    clock = FrozenClock(START)
    clock.day_seconds = 1  # type: ignore[misc]
    assert clock.real_time_left(START + timedelta(days=days)) == left
