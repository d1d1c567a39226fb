"""One round: the workload runs, faults are injected, the platform recovers and finishes its work, and everything is checked."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import asyncpg
import psutil
from aiokafka.errors import KafkaError

from deploy.embedded.process import ProcessFailed
from operations.verify.check import verify
from operations.verify.facts import Facts
from operations.verify.gather import gather
from operations.verify.replay import replay_events
from operations.verify.report import Report
from shared.kernel.services import SERVICES
from simulation.chaos.acknowledged_writes import RecordingApi, lost_writes
from simulation.chaos.banks import play_banks
from simulation.chaos.faults import Skipped
from simulation.chaos.oversubscription import oversubscribe
from simulation.chaos.plan import PlannedFault
from simulation.chaos.target import Target
from simulation.chaos.workload import build_workload, run_workload
from simulation.demo.scenario import Scenario
from simulation.demo.seeded_random import SeededRandom
from simulation.provider.proofs import proofs_of

SETTLE_SECONDS = 40
REPLAYED_EVENTS = 10
_PREVENTED = (OSError, KafkaError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, psutil.Error, ProcessFailed)
"""Errors while a fault is injected that another fault of the round may have caused: they are no findings."""


@dataclass(frozen=True)
class Injected:
    """A fault that was injected, or `skipped` because it could not be. `at`: seconds after the start of the round."""

    at: float
    fault: str
    detail: str
    skipped: bool = False


@dataclass
class RoundResult:
    """`findings` is empty when every invariant held. `banks`: region → the kind of its bank. `oversubscribed`: one envelope was awarded
    more than it holds. `counts`: work done. `refused`: what the APIs refused, and how often."""

    number: int
    seed: int
    seconds: float = 0
    banks: dict[str, str] = field(default_factory=dict)
    injected: list[Injected] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    oversubscribed: bool = False


async def run_round(target: Target, result: RoundResult, planned: Sequence[PlannedFault], random: SeededRandom) -> RoundResult:
    """Fills and returns `result`."""
    state = target.state
    proofs = await asyncio.to_thread(proofs_of, target.data, state)  # it waits, and the proxies of this loop have to go on
    api = RecordingApi(state.gateway, proofs)
    scenarios, started = await build_workload(api, state.clock, state.policies, random), time.monotonic()
    result.banks = play_banks(target.data, [each.region for each in scenarios], result.seed, result.number)
    oversubscribed = asyncio.create_task(oversubscribe(target, scenarios, random))
    injections = [asyncio.create_task(_inject(target, each, started)) for each in planned]
    try:
        await run_workload(scenarios)
    except* Exception as group:  # noqa: BLE001  any error that stops the workload is a finding
        result.findings += [f"the workload was stopped by {error!r}" for error in _flat(group)]
    result.injected = list(await asyncio.gather(*injections))
    result.oversubscribed = await oversubscribed
    result.findings += [f"{name} did not restart" for name in await target.wait_until_ready()]
    result.findings += [f"{each.region.id}: {work}" for each in scenarios for work in each.unfinished]
    result.findings += api.faults
    result.findings += await _check(target, api)
    result.counts = _counts(scenarios)
    result.refused = {" ".join(map(str, key)): count for key, count in api.problems.most_common()}
    result.seconds = time.monotonic() - started
    await api.close()
    return result


def _flat(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [one for error in group.exceptions for one in (_flat(error) if isinstance(error, BaseExceptionGroup) else [error])]


async def _inject(target: Target, planned: PlannedFault, started: float) -> Injected:
    await asyncio.sleep(max(0, started + planned.at - time.monotonic()))
    at = round(time.monotonic() - started, 1)
    try:
        return Injected(at, planned.fault.name, await planned.fault.inject(target, planned.random))
    except Skipped as reason:
        return Injected(at, planned.fault.name, str(reason), skipped=True)
    except _PREVENTED as error:
        return Injected(at, planned.fault.name, f"{type(error).__name__}: {error}", skipped=True)


async def _check(target: Target, api: RecordingApi) -> list[str]:
    """Runs `triptych verify` until nothing is found or time is up, looks for the acknowledged writes, and replays some events."""
    try:
        report = await _verify_settled(target)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [f"the databases could not be read: {error!r}"]
    findings = [f"{breach.invariant}. {breach.subject}: {breach.detail}" for breach in report.breaches]
    findings += lost_writes(api.acknowledged, report.facts)
    state = target.state
    urls = {service: state.verify_url(service, "postgresql") for service in SERVICES}
    try:
        _, changed = await replay_events(urls, state.signers, state.kafka, state.broker_profile, REPLAYED_EVENTS)
    except (OSError, KafkaError, TimeoutError) as error:
        return [*findings, f"events could not be replayed: {type(error).__name__} {error}"]
    return findings + [f"{breach.invariant}. {breach.subject}: {breach.detail}" for breach in changed]


async def _verify_settled(target: Target) -> Report:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        report = await verify(lambda: _gather(target), settled=True)
        if not report.breaches or time.monotonic() > deadline:
            return report
        await asyncio.sleep(1)


async def _gather(target: Target) -> Facts:
    facts = await gather(target.data, target.state)
    return replace(facts, clocks_apart=facts.clocks_apart + target.clocks_apart)


def _counts(scenarios: Sequence[Scenario]) -> dict[str, int]:
    """Counts what the workload did, so that a round in which little happened is not taken for a good one."""
    counts = Counter(
        {
            "applications submitted": sum(each.counts.submitted for each in scenarios),
            "payments not paid at first": sum(each.failed_payment_count for each in scenarios),
            "awards above the aid ceiling": sum(each.counts.above_ceiling for each in scenarios),
        }
    )
    for each in scenarios:
        counts.update(f"vouchers {voucher['outcome'] or 'open'}" for voucher in each.snapshot.vouchers.values())
        counts.update(f"orders {state}" for state in each.snapshot.states("orders").elements())
        counts.update(f"appeals {state}" for state in each.appeals.states)
        counts.update(f"claims {state}" for state in each.snapshot.states("claims").elements())
        counts.update(f"payments {state}" for state in each.snapshot.states("disbursements").elements())
        counts.update(f"bank lines {reason}" for reason in each.bank_lines.values())
        counts.update(f"recoveries {state}" for state in each.snapshot.states("recoveries").elements())
    return dict(sorted(counts.items()))
