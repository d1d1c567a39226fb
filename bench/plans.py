"""The plans of the statements that our code runs: seen as they go to PostgreSQL, explained on the same database."""

import json
import re
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

GROWING = re.compile(
    r"^(applications|imports|readers|cases|turns|assignments|decisions|vouchers|extensions|redemptions|claims|claim_evidence|disbursements"
    r"|attempts|approvals|payees|payee_accounts|ledger_entries|ledger_postings|bank_lines|outbox|outbox_\w+|inbox|idempotency|milestones|steps)$"
)
"""Tables that gain a row with every case, message or request, and their partitions by month."""
LARGE = "SELECT relname FROM pg_class WHERE reltuples >= 1000"
"""A table that is nearly empty is rightly read from end to end."""
Plan = dict[str, Any]


class Watched:
    """Keeps each statement once, with the first values it came with."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.statements: dict[str, Any] = {}
        event.listen(engine.sync_engine, "before_cursor_execute", self._see)

    def _see(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")):
            self.statements.setdefault(statement, parameters)

    async def scans(self, dsn: str) -> list[str]:
        """Statement and table of each sequential scan over a growing table."""
        connection = await asyncpg.connect(dsn)
        large = {row["relname"] for row in await connection.fetch(LARGE)}
        found = [f"{table}: {' '.join(s.split())[:300]}" for s, v in self.statements.items() for table in await _scanned(connection, s, v)]
        await connection.close()
        return [scan for scan in found if scan.partition(":")[0] in large]


async def _scanned(connection: asyncpg.Connection, statement: str, parameters: Any) -> list[str]:
    said = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
    return [node["Relation Name"] for node in _nodes(json.loads(said)[0]["Plan"]) if _is_scan(node)]


def _is_scan(node: Plan) -> bool:
    return node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") and bool(GROWING.match(node["Relation Name"]))


def _nodes(plan: Plan) -> list[Plan]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]
