"""Shows how our SQL statements read their tables: records them on their way to PostgreSQL and explains them there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= 1000"
"""A smaller table does not grow with the cases, or is nearly empty: a sequential scan is right for it."""
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan")
_PASSES_ROWS_ON = ("Append", "LockRows", "Result", "Subquery Scan")
_PARTITION = re.compile(r"^outbox_\w+?(?=_key_|_position_|_correlation_|_event_|_pkey|$)")
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """How one statement reads one table: by `index`, or in storage order. `large`: the table has a thousand rows or more. `stops`: the read
    ends at a limit, which for the total of a list is a thousand and one rows."""

    statement: str
    table: str
    index: str
    large: bool
    stops: bool

    @property
    def is_scan(self) -> bool:
        """True for a full scan of a growing table, which must not happen."""
        return not self.index and self.large and not self.stops


class StatementRecorder:
    """Records each statement once, with its first parameters."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.statements: dict[str, Any] = {}
        event.listen(engine.sync_engine, "before_cursor_execute", self._record)

    def _record(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")):
            self.statements.setdefault(statement, parameters)

    async def reads(self, dsn: str) -> list[Read]:
        """Returns the tables that every statement reads, in the order of first use. Statements that only write are left out."""
        connection = await asyncpg.connect(dsn)
        large = {row["relname"] for row in await connection.fetch(LARGE)}
        found: dict[Read, None] = {}
        for statement, parameters in self.statements.items():
            plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
            for node, stops in _nodes(json.loads(plan)[0]["Plan"]):
                if node["Node Type"] in _SCANS:
                    table, indexes = node["Relation Name"], ", ".join(dict.fromkeys(_indexes(node)))
                    found[Read(_shorten(statement), _without_partition(table), indexes, table in large, stops)] = None
        await connection.close()
        return list(found)


def _nodes(plan: Node, stops: bool = False) -> Iterator[tuple[Node, bool]]:
    """Yields each node, and whether a limit above it stops it early, which needs nodes in between that pass rows on as they come."""
    yield plan, stops
    stops = plan["Node Type"] == "Limit" or (stops and plan["Node Type"] in _PASSES_ROWS_ON)
    for child in plan.get("Plans", []):
        yield from _nodes(child, stops)


def _indexes(node: Node) -> list[str]:
    """Returns the indexes of the scan, or of the bitmap scans below it."""
    return [_without_partition(each["Index Name"]) for each, _ in _nodes(node) if "Index Name" in each]


def _without_partition(name: str) -> str:
    """Returns the name of the partitioned table or index for the name of one month's partition."""
    return _PARTITION.sub("outbox", name)


def _shorten(statement: str) -> str:
    """Shortens a statement: without its result columns, the types of its parameters, and long lists of parameters."""
    brief = re.sub(r"^SELECT (?!count).*? FROM ", "SELECT … FROM ", " ".join(statement.split()))
    brief = re.sub(r"(\$\d+)::[A-Z]+( WITH TIME ZONE)?", r"\1", brief)
    return re.sub(r"IN \((\$\d+), [^)]*\)", r"IN (\1, …)", brief)


def table_of(reads: dict[str, list[Read]]) -> str:
    """Returns a Markdown table: each service's statements, and the index by which each table is read."""
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
