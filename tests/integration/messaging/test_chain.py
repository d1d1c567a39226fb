"""The hash chain over the event log: links are made of committed rows, whatever the order in which they were committed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging import anchors
from shared.messaging.anchors import Anchor
from shared.messaging.chain import EVENT_LOG, ChainJob
from shared.messaging.outbox import publish
from shared.messaging.tables import ChainLinkRow, OutboxRow
from shared.messaging.unwritten import write_events
from tests.integration.messaging.conftest import NOW, Write, context_of
from tests.support.desk import FrozenClock


@pytest.fixture
def job(engine: AsyncEngine, tmp_path: Path) -> ChainJob:
    return ChainJob("evaluation", engine, FrozenClock(datetime(2026, 1, 15, tzinfo=UTC)), tmp_path, [EVENT_LOG])


async def links(sessions: Sessions) -> list[tuple[int, int, int]]:
    """Number, last position and count of rows of each link."""
    async with sessions() as session:
        rows = await session.scalars(select(ChainLinkRow).order_by(col(ChainLinkRow.number)))
        return [(row.number, row.last_position, row.rows) for row in rows]


def add_event(session: Any) -> None:
    publish(context_of(session), CallOpened(call_id=new_id(), region="be-kortrijk", opened_at=NOW), reason="test", policy_id="p")


async def test_link_waits_for_a_lower_position_to_be_committed(job: ChainJob, sessions: Sessions, write: Write) -> None:
    async with sessions() as slow:
        await slow.begin()
        add_event(slow)
        await write_events(slow)  # has its position, is not committed
        await write()
        linking = asyncio.create_task(job.extend(EVENT_LOG))
        await asyncio.sleep(1.5)
        await write()  # writers do not wait for the link
        assert not linking.done()
        assert await links(sessions) == []
        await slow.commit()
    await linking
    assert await links(sessions) == [(1, 2, 2)]
    await job.extend(EVENT_LOG)
    assert await links(sessions) == [(1, 2, 2), (2, 3, 1)]


async def test_position_of_a_rolled_back_event_is_left_out(job: ChainJob, sessions: Sessions, write: Write) -> None:
    await write()
    async with sessions() as session:
        add_event(session)
        await write_events(session)
        await session.rollback()
    await write()
    await job.extend(EVENT_LOG)
    async with sessions() as session:
        last = (await session.scalars(select(OutboxRow.position).order_by(col(OutboxRow.position).desc()))).first()
    assert await links(sessions) == [(1, last, 2)]
    assert last == 3


async def test_several_workers_make_one_chain(job: ChainJob, sessions: Sessions, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.chain.POSITIONS_PER_LINK", 2)
    for _ in range(7):
        await write()
    await asyncio.gather(*(job.extend(EVENT_LOG) for _ in range(5)))
    assert await links(sessions) == [(1, 2, 2), (2, 4, 2), (3, 6, 2), (4, 7, 1)]


async def test_head_is_anchored_once_a_day_when_the_chain_grew(job: ChainJob, write: Write) -> None:
    async def pass_of(days: int) -> list[tuple[int, int]]:
        job.clock.instant += timedelta(days=days)  # type: ignore[attr-defined]
        await job.extend(EVENT_LOG)
        await job.anchor(EVENT_LOG)
        return [(anchor.day.day, anchor.link) for anchor in anchors.read(job.folder, "evaluation")]

    assert await pass_of(0) == []
    await write()
    assert await pass_of(0) == [(15, 1)]
    await write()
    assert await pass_of(0) == [(15, 1)]
    assert await pass_of(1) == [(15, 1), (16, 2)]
    assert await pass_of(1) == [(15, 1), (16, 2)]


def test_anchor_after_a_cut_off_line_is_readable(tmp_path: Path) -> None:
    anchor = Anchor(day=NOW.date(), service="evaluation", chain="events", link=1, position=1, hash="00")
    (tmp_path / "evaluation.jsonl").write_text('{"day": "2026-')
    anchors.append(tmp_path, anchor)
    assert anchors.read(tmp_path, "evaluation") == [anchor]
