"""The cost of one more case when there are many."""

from collections.abc import AsyncIterator

from bench.declare import Aim, Sides, benchmark
from bench.in_process import Platform
from bench.query_plans import table_of
from bench.stack import Stack

SMALL, MIDDLE, LARGE = "1,000 cases", "10,000 cases", "100,000 cases"


@benchmark("Cost as work grows", unit="ms", aims=(Aim(MIDDLE, SMALL, at_most=1.2), Aim(LARGE, SMALL, at_most=1.2)))
async def growth(stack: Stack) -> AsyncIterator[Sides]:
    """One application (draft and submission), one award (a case found eligible, decided first come, its voucher made, its money
    reserved and offered), one payment (disbursement prepared and approved) and one page of each list, each the median of several,
    with 1,000, 10,000 and 100,000 cases in the databases, in calls of 500. Calls and envelopes are
    read one to a page: there are too few of them to fill a longer page at each size. Apps and inboxes run in this process:
    our code and PostgreSQL are measured, not the network."""
    platforms = {}
    for name, cases in {SMALL: 1_000, MIDDLE: stack.pick(10_000, 2_000), LARGE: stack.pick(100_000, 4_000)}.items():
        platforms[name] = await Platform.with_cases(stack, cases)
    try:
        yield {name: platform.turn for name, platform in platforms.items()}
    finally:
        reads = await platforms[LARGE].reads()
        scans = [f"* {service}: `{read.statement}`" for service, found in reads.items() for read in found if read.is_scan]
        stack.notes.append("## Full scans of growing tables\n\n" + ("\n".join(scans) or "None."))
        stack.notes.append("## How every statement reads its tables\n\n" + table_of(reads))
        for platform in platforms.values():
            await platform.close()
