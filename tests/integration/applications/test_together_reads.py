"""What a draft, a submission and a screening read does not grow with the call, also where PostgreSQL has no statistics yet, or those of a
small table: an installation is a few minutes old when its first call is tried."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from shared.kernel.ids import new_id
from tests.integration.applications.conftest import Desk
from tests.support.databases import run_as_owner

OTHERS = 120
MOST_ROWS = 60
"""Of one request; a statement that begins with the applications of the call reads more than there are."""
_READ = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE relname = ANY(:tables)")
"""Of this connection, since it last reported to the server."""
TABLES = ["applications", "subject_keys", "acts"]


@pytest.fixture
def read() -> Iterator[list[int]]:
    """The rows that each transaction has read, when it is about to commit."""
    found, begun = list[int](), dict[Session, int]()

    def so_far(connection: Connection) -> int:
        return int(connection.scalar(_READ, {"tables": TABLES}) or 0)

    def begin(session: Session, _: object, connection: Connection) -> None:
        begun.setdefault(session, so_far(connection))

    def count(session: Session) -> None:
        found.append(so_far(session.connection()) - begun[session])

    event.listen(Session, "after_begin", begin)
    event.listen(Session, "before_commit", count)
    yield found
    event.remove(Session, "after_begin", begin)
    event.remove(Session, "before_commit", count)


async def drafted(desk: Desk, call_id: str) -> Callable[[], Awaitable[Any]]:
    return lambda: desk.draft(call_id, new_id())


async def submitted(desk: Desk, call_id: str) -> Callable[[], Awaitable[Any]]:
    firm = new_id()
    draft = await desk.draft(call_id, firm)
    return lambda: desk.submit(draft["id"], firm)


async def screened(desk: Desk, call_id: str) -> Callable[[], Awaitable[Any]]:
    identity = await desk.submitted(call_id, new_id())
    return lambda: desk.screen(identity)


@pytest.mark.parametrize("prepare", [drafted, submitted, screened])
@pytest.mark.parametrize("statistics", ["none", "of a small table"])
async def test_request_reads_few_rows(desk: Desk, call_id: str, read: list[int], prepare: Any, statistics: str) -> None:
    others = [await prepare(desk, call_id) for _ in range(OTHERS)]
    if statistics != "none":
        await run_as_owner(desk.sessions.kw["bind"], "ANALYZE")
    for other in others[:-40]:
        await other()  # plans are made, and kept
    request = await prepare(desk, call_id)
    read.clear()
    await request()
    assert sum(read) < MOST_ROWS
