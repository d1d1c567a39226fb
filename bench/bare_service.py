"""The bare endpoints, with a database of their own and a process for each core."""

import json
from hashlib import md5
from typing import Any
from uuid import UUID

import asyncpg

from bench.applications_service import PROCESSES
from bench.bare.endpoint import TABLES
from bench.stack import Stack

_ROWS = "INSERT INTO first (id, body) SELECT md5('row' || n)::uuid, $2::jsonb FROM generate_series(1, $1::int) AS rows (n)"


async def bare_ports(stack: Stack, rows: int = 0, body: Any = None) -> list[int]:
    """Starts them, with that many rows of this body. Returns their ports."""
    url = await stack.bare_database("payments")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for table in TABLES:
        await connection.execute(table)
    await connection.execute(_ROWS, rows, json.dumps(body))
    await connection.execute("ANALYZE")
    await connection.close()
    return [stack.run("bench.bare.endpoint", stack.environment(url)).port for _ in range(PROCESSES)]


def row_id(number: int) -> UUID:
    """Of the rows that are there at the start, from 1 on."""
    return UUID(md5(f"row{number}".encode()).hexdigest())
