"""The cost of one more case does not grow with the number of cases, because no growing table is scanned."""

import pytest

from bench.in_process import Platform
from bench.stack import Stack

CASES = 4_000
"""Enough for PostgreSQL to prefer an index wherever there is one."""


@pytest.mark.timeout(300)
async def test_no_hot_statement_scans_a_growing_table() -> None:
    async with Stack(quick=True) as stack:
        platform = await Platform.with_cases(stack, CASES)
        try:
            await platform.turn()
            reads = await platform.reads()
        finally:
            await platform.close()
    by_index = {service: {read.table for read in found if read.index} for service, found in reads.items()}
    assert by_index["applications"] >= {"applications", "outbox"}
    assert by_index["evaluation"] >= {"cases", "queue_entries", "decisions", "assignments", "outbox"}
    assert by_index["vouchers"] >= {"vouchers", "steps", "outbox"}
    assert by_index["payments"] >= {"vouchers", "claims", "disbursements", "attempts", "payees", "ledger_entries", "outbox"}
    assert [(service, read.table, read.statement) for service, found in reads.items() for read in found if read.is_scan] == []
