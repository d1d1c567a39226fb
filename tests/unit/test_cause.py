"""When a change is made is read after the wait for the lock, not before."""

from datetime import UTC, datetime, timedelta

from shared.messaging.cause import Cause

START = datetime(2026, 1, 1, tzinfo=UTC)


class Ticking:
    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


def test_the_clock_is_read_when_a_command_first_asks_and_not_again() -> None:
    clock = Ticking()
    cause = Cause("system", clock)
    assert clock.reads == 0
    assert cause.now == cause.now == START + timedelta(seconds=1)


def test_the_next_thing_decided_about_is_dated_by_itself() -> None:
    cause = Cause("system", Ticking())
    assert cause.now < cause.afresh().now


def test_a_fixed_instant_stays() -> None:
    cause = Cause("system", START)
    assert cause.now == cause.afresh().now == START
