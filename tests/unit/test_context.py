"""The context reads the instant of a change after the wait for the lock, not before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from shared.identity.actor import SYSTEM
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

START = datetime(2026, 1, 1, tzinfo=UTC)


def context_with(clock: datetime | Callable[[], datetime]) -> Context:
    return Context(AsyncSession(), SYSTEM, PolicyBook([]), clock)


class Ticking:
    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


def test_now_is_read_on_first_use_and_kept() -> None:
    clock = Ticking()
    context = context_with(clock)
    assert clock.reads == 0
    assert context.now == context.now == START + timedelta(seconds=1)


def test_next_item_of_a_batch_has_its_own_instant() -> None:
    context = context_with(Ticking())
    assert context.now < context.at_a_new_instant().now


def test_fixed_instant_is_kept() -> None:
    context = context_with(START)
    assert context.now == context.at_a_new_instant().now == START
