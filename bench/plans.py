"""How the statements of our code read their tables: seen as they go to PostgreSQL, explained on the same database."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= 1000"
"""What has fewer rows does not grow with the cases, or is nearly empty: it is rightly read from end to end."""
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan")
_HANDS_ON = ("Append", "LockRows", "Result", "Subquery Scan")
_PARTITION = re.compile(r"^outbox_\w+?(?=_key_|_position_|_correlation_|_event_|_pkey|$)")
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """One table as one statement reads it, by `index` or in the order in which it is stored. `large`: it holds a thousand rows or more.
    `stops`: it is read until a limit is reached, a thousand rows and one for a list's total."""

    statement: str
    table: str
    index: str
    large: bool
    stops: bool

    @property
    def is_scan(self) -> bool:
        """A table that grows, read from end to end: what must not happen."""
        return not self.index and self.large and not self.stops


class Watched:
    """Keeps each statement once, with the first values it came with."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.statements: dict[str, Any] = {}
        event.listen(engine.sync_engine, "before_cursor_execute", self._see)

    def _see(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")):
            self.statements.setdefault(statement, parameters)

    async def reads(self, dsn: str) -> list[Read]:
        """What every statement reads, in the order in which they came first; one that only writes is not among them."""
        connection = await asyncpg.connect(dsn)
        large = {row["relname"] for row in await connection.fetch(LARGE)}
        found: dict[Read, None] = {}
        for statement, parameters in self.statements.items():
            said = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
            for node, stops in _nodes(json.loads(said)[0]["Plan"]):
                if node["Node Type"] in _SCANS:
                    table, indexes = node["Relation Name"], ", ".join(dict.fromkeys(_indexes(node)))
                    found[Read(_brief(statement), _whole(table), indexes, table in large, stops)] = None
        await connection.close()
        return list(found)


def _nodes(plan: Node, stops: bool = False) -> Iterator[tuple[Node, bool]]:
    """Each node, and whether a limit above it ends it early: one that hands on each row as it comes."""
    yield plan, stops
    stops = plan["Node Type"] == "Limit" or (stops and plan["Node Type"] in _HANDS_ON)
    for child in plan.get("Plans", []):
        yield from _nodes(child, stops)


def _indexes(node: Node) -> list[str]:
    """Of the scan itself, or of the bitmaps below it."""
    return [_whole(each["Index Name"]) for each, _ in _nodes(node) if "Index Name" in each]


def _whole(name: str) -> str:
    """A month's partition of the outbox, or an index of one, by the name of the whole."""
    return _PARTITION.sub("outbox", name)


def _brief(statement: str) -> str:
    """Without the columns that it gives back, the types of its values, and more than two of a list of values."""
    brief = re.sub(r"^SELECT (?!count).*? FROM ", "SELECT … FROM ", " ".join(statement.split()))
    brief = re.sub(r"(\$\d+)::[A-Z]+( WITH TIME ZONE)?", r"\1", brief)
    return re.sub(r"IN \((\$\d+), [^)]*\)", r"IN (\1, …)", brief)


def table_of(reads: dict[str, list[Read]]) -> str:
    """Markdown: each service's statements, and by which index each reads which table."""
    rows = [
        f"| {service} | `{statement[:300]}` | {'; '.join(_words(read) for read in found if read.statement == statement)} |"
        for service, found in reads.items()
        for statement in dict.fromkeys(read.statement for read in found)
    ]
    return "\n".join(["| service | statement | reads |", "| --- | --- | --- |", *rows])


def _words(read: Read) -> str:
    if read.index:
        return f"{read.table} by {read.index}"
    if read.is_scan:
        return f"**all of {read.table}**"
    return f"{read.table} until the limit" if read.large else f"all of the small {read.table}"
