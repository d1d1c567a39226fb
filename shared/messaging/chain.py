"""Hash chains over the event log and the ledger: who changes, removes or adds a row of the past breaks the chain.

A link covers the rows from the link before it to `last_position` and has the hash of that link's hash and of these rows. Links are made
after the rows are committed, so writers do not wait for one another. Positions are given before a commit, so a row may appear after
rows of higher positions. Therefore a link ends at a position only when every transaction that was writing to the table when that
position was seen has ended: from then on no row up to it can appear, and one that does was not written by a service.

The heads of the chains are stored outside the database once a programme day (`anchors.py`), because who can change every row can
also compute a new chain. `triptych verify` recomputes both.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kernel.clock import ProgrammeClock
from shared.messaging import anchors
from shared.messaging.anchors import Anchor

PAUSE_SECONDS = 2
WRITERS_PAUSE_SECONDS = 0.5
POSITIONS_PER_LINK = 1_000


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain over `table`, whose `position` counts its rows. `content` is SQL: the JSON array of all values of a row `r` that do not
    change. Instants are in it as seconds, so that no session setting changes their text."""

    name: str
    table: str
    content: str


EVENT_LOG = Chain(
    "events",
    "outbox",
    """jsonb_build_array(r.position, extract(epoch FROM r.recorded_at), r.event_id, r.topic, r.key, r.type, extract(epoch FROM r.time),
       r.actor, r.reason, r.policy_id, r.correlation_id, r.causation_id, r.body)""",
)


def link_hash(previous: str, chain: str, number: int, last_position: int, rows: Sequence[bytes]) -> str:
    """The hash of a link, in hex. `previous`: the hash of the link before it, '' for the first; `rows`: the hashes of its rows."""
    head = f"{previous} {chain} {number} {last_position} {len(rows)} "
    return hashlib.sha256(head.encode() + b"".join(rows)).hexdigest()


class ChainJob:
    """`run()` adds the links that are due, and once a programme day anchors the heads in a file of `folder`.

    Every worker of a service may run it: a lock of the database lets one at a time add links.
    """

    def __init__(self, service: str, engine: AsyncEngine, clock: ProgrammeClock, folder: Path, chains: Sequence[Chain]) -> None:
        self.service, self.engine, self.clock, self.folder, self.chains = service, engine, clock, folder, chains
        self._seen: dict[str, tuple[date, int]] = {}

    async def run(self) -> None:
        """One pass, after a pause."""
        await asyncio.sleep(PAUSE_SECONDS)
        for chain in self.chains:
            await self.extend(chain)
            await self.anchor(chain)

    async def extend(self, chain: Chain) -> None:
        """Links all rows that are final now."""
        async with self.engine.connect() as database:
            top = await database.scalar(text(f"SELECT max(position) FROM {chain.table}"))
            if top is None or top <= (await _head(database, chain))["last_position"]:
                return
            writers = await _writers(database, chain)
        while writers:
            await asyncio.sleep(WRITERS_PAUSE_SECONDS)
            async with self.engine.connect() as database:
                writers &= await _writers(database, chain)
        while await self._add_link(chain, top):
            pass

    async def _add_link(self, chain: Chain, top: int) -> bool:
        """Adds one link of rows up to `top`. False when there are none left."""
        async with self.engine.begin() as database:
            await database.execute(_LOCK)
            head = await _head(database, chain)
            last, rows = await _next_rows(database, chain, head["last_position"], top)
            if rows:
                link = {"chain": chain.name, "number": head["number"] + 1, "last_position": last, "rows": len(rows)}
                hashed = link_hash(head["hash"], chain.name, link["number"], last, rows)
                await database.execute(_LINK, link | {"hash": hashed})
        return bool(rows)

    async def anchor(self, chain: Chain) -> None:
        """Stores the head of the chain unless it is stored, or another one of this programme day is."""
        day = self.clock.now().date()
        async with self.engine.connect() as database:
            found = day, (await _head(database, chain))["number"]
        if found == self._seen.get(chain.name):
            return
        async with self.engine.begin() as database:
            await database.execute(_LOCK)
            head = await _head(database, chain)
            if head["number"]:
                anchor = Anchor(
                    day=day,
                    service=self.service,
                    chain=chain.name,
                    link=head["number"],
                    position=head["last_position"],
                    hash=head["hash"],
                )
                await asyncio.to_thread(anchors.append_once_a_day, self.folder, anchor)
        self._seen[chain.name] = found


_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('triptych chain'))")
_HEAD = text("SELECT number, last_position, hash FROM chain_links WHERE chain = :chain ORDER BY number DESC LIMIT 1")
_NO_LINK = {"number": 0, "last_position": 0, "hash": ""}
_WRITERS = text("""
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND relation = CAST(:table AS regclass)
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
_LINK = text("INSERT INTO chain_links (chain, number, last_position, rows, hash) VALUES (:chain, :number, :last_position, :rows, :hash)")


async def _head(database: AsyncConnection, chain: Chain) -> Any:
    return (await database.execute(_HEAD, {"chain": chain.name})).mappings().one_or_none() or _NO_LINK


async def _writers(database: AsyncConnection, chain: Chain) -> set[str]:
    """The transactions that hold the lock under which rows are written to the table; they have it before they get a position."""
    return set(await database.scalars(_WRITERS, {"table": chain.table}))


async def _next_rows(database: AsyncConnection, chain: Chain, after: int, top: int) -> tuple[int, Sequence[bytes]]:
    """The position up to which the next link reaches, and the hashes of its rows.

    By position and not by count: PostgreSQL would hash and sort all rows up to `top` to find the first thousand. Positions have gaps, so
    a range may be empty; then the next one is added to it.
    """
    query = text(f"""
        SELECT sha256(convert_to(CAST({chain.content} AS text), 'UTF8')) FROM {chain.table} r
        WHERE position > :after AND position <= :last ORDER BY position
    """)
    last, rows = after, list[bytes]()
    while not rows and last < top:
        last = min(last + POSITIONS_PER_LINK, top)
        rows = list(await database.scalars(query, {"after": after, "last": last}))
    return last, rows
