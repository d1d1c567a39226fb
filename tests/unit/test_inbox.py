"""How many events an inbox takes in one transaction, and what it calls before the commit."""

import asyncio

import pytest

from shared.messaging.inbox import LARGEST_BATCH, SMALLEST_BATCH, next_room
from shared.messaging.outside import Outside


@pytest.mark.parametrize(
    ("room", "taken", "seconds", "following"),
    [
        (200, 200, 0.1, 400),
        (400, 400, 0.1, LARGEST_BATCH),
        (200, 150, 0.1, 200),  # it was all there was
        (200, 200, 0.3, 200),
        (200, 200, 1.0, 100),
        (200, 60, 1.0, 30),
        (SMALLEST_BATCH, 10, 60.0, SMALLEST_BATCH),
    ],
)
def test_transaction_is_as_large_as_its_time_allows(room: int, taken: int, seconds: float, following: int) -> None:
    assert next_room(room, taken, seconds) == following


async def test_calls_about_one_subject_keep_their_order() -> None:
    outside, made, ready = Outside(), list[str](), asyncio.Event()

    async def slow() -> None:
        await asyncio.wait_for(ready.wait(), 1)
        made.append("slow")

    async def quick(name: str) -> None:
        made.append(name)
        ready.set()

    outside.add("one", slow)
    outside.add("one", lambda: quick("after it"))
    outside.add("other", lambda: quick("other"))
    await outside.run()
    assert made == ["other", "slow", "after it"]


async def test_failed_call_is_raised_after_the_others() -> None:
    outside, made = Outside(), list[str]()

    async def fails() -> None:
        raise ConnectionError("Temporal")

    async def works(name: str) -> None:
        await asyncio.sleep(0)
        made.append(name)

    outside.add("one", fails)
    outside.add("one", lambda: works("never"))
    outside.add("other", lambda: works("other"))
    with pytest.raises(ConnectionError, match="Temporal"):
        await outside.run()
    assert made == ["other"]
