"""What one more case takes: rows, bytes, events, processor time, workflow history, bank file."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import temporalio.api.history.v1
from google.protobuf.json_format import ParseDict

from bench.database_size import Content, content_of, server_seconds
from bench.declare import Figures, Sides, benchmark
from bench.figures.bank_file import batch_of
from bench.in_process import Platform
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from services.payments.iso20022.pain001 import build_batch
from shared.kernel.services import OF_CASES

HISTORIES = REPOSITORY / "tests/workflows/histories"
LIFECYCLES = {
    "claimed and paid": "voucher.award_with_claim_runs_to_its_settlement",
    "never claimed": "voucher.voucher_without_claim_expires",
    "offer lapsed": "voucher.offer_without_answer_lapses_after_its_reminders",
    "over the envelope": "voucher.award_over_the_envelope_is_not_funded",
    "suspended and resumed": "voucher.suspended_voucher_keeps_its_dates",
    "calendar of a call": "call_calendar.dates_are_announced_in_their_order",
    "one deadline": "milestone.corrected_application_ends_its_repair",
}


@benchmark("Footprint of a case", unit="see each line", warm_up=False, rounds=1)
async def footprint(stack: Stack) -> AsyncIterator[Sides]:
    """One application, one award and one payment as in `growth`, each done many times: what the databases of the four services hold more
    after it (rows, and KB of tables with their indexes, which grow by pages of 8 KB), events in the outbox, KB of the write-ahead log,
    and processor time of our process and of PostgreSQL. With 1,000, 10,000 and 100,000 cases in the databases, which are filled with
    rows, not played. *all*: MB of the filled databases. *recorded lifecycles*: events and KB of the histories that `tests/workflows`
    replays; they are in clear, and encryption adds about 0.1 KB to each payload. *bank file*: bytes of a pain.001.001.09 for each of its
    transfers."""
    sides: Sides = {}
    platforms = []
    sizes = {"1,000 cases": 1_000, "10,000 cases": stack.pick(10_000, 2_000), "100,000 cases": stack.pick(100_000, 4_000)}
    for name, cases in sizes.items():
        platforms.append(platform := await Platform.with_cases(stack, cases))
        sides[name] = partial(_measured, platform, stack.pick(150, 20))
    sides["recorded lifecycles"], sides["bank file"] = _lifecycles, partial(_bank_file, stack.pick(10_000, 500))
    try:
        yield sides
    finally:
        for platform in platforms:
            await platform.close()


async def _measured(platform: Platform, count: int) -> Figures:
    """Payments are as many as are left unpaid in the databases, at most."""
    filled = await _contents(platform)
    found = {f"all, {service}: MB": content.stored / 1e6 for service, content in filled.items()}
    works = {
        "one application": (platform._application, count),
        "one award": (platform._award, count),
        "one payment": (platform._payment, min(count, 90)),
    }
    for work, (do, times) in works.items():
        await do()  # statements are prepared, caches filled
        found |= {f"{work}, {metric}": value for metric, value in (await _taken(platform, do, times)).items()}
    return found


async def _taken(platform: Platform, do: Callable[[], Awaitable[None]], times: int) -> Figures:
    url = platform.recorders["payments"][1]
    before, ours, theirs = await _contents(platform), time.process_time(), await server_seconds(url)
    for _ in range(times):
        await do()
    ours, theirs = time.process_time() - ours, await server_seconds(url) - theirs
    after = await _contents(platform)
    more = {service: after[service].since(before[service]) for service in OF_CASES}
    found = {"ms of our processor": ours * 1000 / times, "ms of PostgreSQL's": theirs * 1000 / times}
    found["events"] = sum(content.events for content in more.values()) / times
    found["KB logged"] = max(content.logged for content in more.values()) / times / 1000
    for service, content in more.items():
        if content.rows:
            found |= {f"{service}: rows": content.rows / times, f"{service}: KB": content.stored / times / 1000}
    return found


async def _contents(platform: Platform) -> dict[str, Content]:
    return {
        service: await content_of(platform.stack.postgres.url(url.rpartition("/")[2], driver="postgresql"))
        for service, (_, url) in platform.recorders.items()
    }


async def _lifecycles() -> Figures:
    found: dict[str, float] = {}
    for name, recorded in LIFECYCLES.items():
        content = json.loads((HISTORIES / f"{recorded}.json").read_text())
        history = ParseDict(content, temporalio.api.history.v1.History(), ignore_unknown_fields=True)
        found |= {f"{name}: events": float(len(history.events)), f"{name}: KB": history.ByteSize() / 1000}
    return found


async def _bank_file(transfers: int) -> Figures:
    return {"bytes a transfer": len(build_batch(batch_of(transfers))) / transfers}
