"""The workload of a round: the demonstration's actors with few applications and short delays, in two regions with one call each, of which
one buys services from the catalogue of providers.

Every round has new organisations and new calls, so rounds can share a running platform. The envelopes hold about a third of the
requested amount: awards compete for the last of it, the reserve list is used, and some applications get nothing.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from operations.client import Api
from shared.kernel.clock import ProgrammeClock
from shared.policy.call import CallDefinition
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from simulation.chaos.short_policies import PROFILE, call_from
from simulation.demo.actors.officer import publish_call
from simulation.demo.actors.undertaking import link_firms
from simulation.demo.behaviour import Behaviour
from simulation.demo.load import OPERATIONS
from simulation.demo.published_operations import TargetCall, region_of
from simulation.demo.region import Json, Region, buys_from_catalogue
from simulation.demo.sample_applications import ImportRow, to_import_row
from simulation.demo.scenario import Scenario
from simulation.demo.seeded_random import SeededRandom
from simulation.sample_files import pdf_questions

REGIONS, ROWS, ENVELOPE_PERCENT = 2, 14, 32
TIME_LIMIT = timedelta(days=140)
"""Programme time that a round may take. Work that is unfinished then is a finding."""


async def build_workload(api: Api, clock: ProgrammeClock, regions: Path, random: SeededRandom) -> list[Scenario]:
    """Returns the scenarios of one round. `regions`: the folder of the policies that the platform uses. `random`: that of the round.

    The organisations are registered, and only then the calls get their dates: on a busy machine nobody would be in time else. On a new
    platform it waits until the policies are in force: the faults of the round would meet no work else.
    """
    book = load_book(regions)
    latest = {policy.region: policy for policy in sorted(book.all(), key=lambda policy: policy.effective_from)}
    drawn = sorted(latest.values(), key=lambda policy: random.number("region", policy.region))
    chosen = sorted(drawn, key=lambda policy: not buys_from_catalogue(policy))[:1]
    chosen += [policy for policy in drawn if policy not in chosen][: REGIONS - 1]
    scenarios = [Scenario(_region(api, clock, policy, book, random), poll_rate=3, time_limit=TIME_LIMIT) for policy in chosen]
    await asyncio.gather(*(scenario.region.register_organisations() for scenario in scenarios))
    await asyncio.sleep(clock.real_duration(max(_now(clock, policy) for policy in chosen) - clock.now()).total_seconds())
    for scenario in scenarios:
        scenario.region.call = _call(clock, scenario.region.policy, scenario.region.rows, random)
    return scenarios


def _region(api: Api, clock: ProgrammeClock, policy: Policy, book: PolicyBook, random: SeededRandom) -> Region:
    today = _now(clock, policy).date()
    form = book.form_in_force(policy.region, policy.scheme, today)
    target = TargetCall(policy, form, today)
    rows = list(islice(sample_rows(policy, target, random), ROWS))
    behaviour = Behaviour(SeededRandom(f"{random.seed} {policy.region}"), PROFILE)
    region = Region(policy.region, policy, _call(clock, policy, rows, random), api, behaviour, clock, len(rows), rows)
    region.file_questions = pdf_questions(form)
    link_firms(region)
    return region


def _call(clock: ProgrammeClock, policy: Policy, rows: Sequence[Json], random: SeededRandom) -> CallDefinition:
    requested_minor = sum(row["form"]["costs"]["requested_minor"] for row in rows)
    return call_from(_now(clock, policy), policy, f"round-{random.seed}", requested_minor * ENVELOPE_PERCENT // 100)


def _now(clock: ProgrammeClock, policy: Policy) -> datetime:
    """The clock of a new platform starts some days before the policies are in force."""
    return max(clock.now(), datetime.combine(policy.effective_from, time(), UTC))


def sample_rows(policy: Policy, target: TargetCall, random: SeededRandom) -> Sequence[Json]:
    made = [
        to_import_row(operation | {"hash": _round_hash(random, operation)}, {policy.region: target})
        for operation in _operations(policy.region)
    ]
    rows = [row for row in made if isinstance(row, ImportRow)]
    rows.sort(key=lambda row: random.number("row", row.row_key))
    return [row.as_json() for row in rows]


def _operations(region: str) -> list[dict[str, Any]]:
    with OPERATIONS.open(encoding="utf-8") as lines:
        operations = [json.loads(line) for line in lines if line.strip()]
    return [operation for operation in operations if region_of(operation) == region]


def _round_hash(random: SeededRandom, operation: Json) -> str:
    """Differs in each round. The organisation's id is derived from it."""
    return hashlib.sha256(f"{random.seed} {operation['hash']}".encode()).hexdigest()[:16]


async def run_workload(scenarios: Sequence[Scenario]) -> None:
    """Publishes the calls and runs the scenarios. Returns when no work is left, or when `TIME_LIMIT` has passed."""
    for scenario in scenarios:
        await publish_call(scenario.region)
    async with asyncio.TaskGroup() as tasks:
        for scenario in scenarios:
            tasks.create_task(scenario.run())
