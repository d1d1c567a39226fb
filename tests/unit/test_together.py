"""Many requests in one transaction: who is taken along, who is left, and when each is answered."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

from shared.database.together import MOST, Asked, Together

REQUEST: ContextVar[int] = ContextVar("request", default=0)


class Transactions:
    """What was in each transaction, and whether one fails; `work` refuses odd numbers, and leaves them at once."""

    def __init__(self) -> None:
        self.taken: list[list[int]] = []
        self.committed, self.fails = 0, False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        yield SimpleNamespace()
        await asyncio.sleep(0)
        self.committed += 1

    async def work(self, _: Any, asked: Sequence[Asked[int, str]]) -> Iterable[tuple[Asked[int, str], str]]:
        self.taken.append([one.what for one in asked])
        for one in asked:
            if one.what % 2:
                one.leave()
        await asyncio.sleep(0)
        if self.fails:
            raise RuntimeError("the last place is gone")
        assert [one.variables.run(REQUEST.get) for one in asked] == [one.what for one in asked]
        return [(one, f"done in {len(self.taken)}") for one in asked if not one.what % 2]

    def together(self) -> Together[int, str]:
        return Together(self, self.work)  # type: ignore[arg-type]


async def asked(together: Together[int, str], number: int) -> str | None:
    REQUEST.set(number)
    return await together.ask(number)


async def test_who_comes_meanwhile_is_in_the_next_transaction() -> None:
    transactions = Transactions()
    together = transactions.together()
    first = asyncio.create_task(asked(together, 2))
    while not transactions.taken:
        await asyncio.sleep(0)
    others = await asyncio.gather(*(asked(together, number) for number in (4, 5, 6)))
    assert (await first, others) == ("done in 1", ["done in 2", None, "done in 2"])
    assert (transactions.taken, transactions.committed) == ([[2], [4, 5, 6]], 2)
    assert await asked(together, 8) == "done in 3"


async def test_all_of_a_transaction_that_fails_are_left() -> None:
    transactions = Transactions()
    together, transactions.fails = transactions.together(), True
    assert await asyncio.gather(*(asked(together, number) for number in (2, 4))) == [None, None]
    transactions.fails = False
    assert await asked(together, 6) == "done in 2"


async def test_a_transaction_takes_a_limited_number() -> None:
    transactions = Transactions()
    together = transactions.together()
    await asyncio.gather(*(asked(together, 2 * number) for number in range(MOST + 1)))
    assert list(map(len, transactions.taken)) == [MOST, 1]
