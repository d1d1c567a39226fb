"""One round: the population sets to work, the strikes come, all settles, and everything is checked."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
import psutil
from aiokafka.errors import KafkaError

from deploy.embedded.databases import SERVICES
from deploy.embedded.identity import load_key
from deploy.embedded.process import ProcessFailed
from operations.verify.again import replay_events
from operations.verify.check import verify
from operations.verify.gather import gather
from operations.verify.report import Report
from simulation.chaos.faults import Missed
from simulation.chaos.field import Field
from simulation.chaos.overbooked import overbook
from simulation.chaos.plan import Planned
from simulation.chaos.population import play, population
from simulation.chaos.promises import RecordingApi, broken
from simulation.demo.dice import Dice
from simulation.demo.play import Play

SETTLE_SECONDS = 40
REPLAYED = 10
_TAKEN_AWAY = (OSError, KafkaError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, psutil.Error, ProcessFailed)
"""One fault may take away what another needs."""


@dataclass(frozen=True)
class Struck:
    """A strike that came about (`missed` False) or had nothing to strike. `at`: seconds after the round's beginning."""

    at: float
    fault: str
    what: str
    missed: bool = False


@dataclass
class Outcome:
    """What a round brought. It is sound when nothing was found. `overbooked`: more was awarded of an envelope than it holds."""

    number: int
    seed: int
    seconds: float = 0
    struck: list[Struck] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    overbooked: bool = False


async def run_round(ground: Field, outcome: Outcome, planned: Sequence[Planned], dice: Dice) -> Outcome:
    """Fills and returns `outcome`."""
    began, now = time.monotonic(), ground.state
    api = RecordingApi(now.gateway, load_key(ground.home.private_key))
    plays = population(api, now.clock, now.policies, dice)
    overbooked = asyncio.create_task(overbook(ground, plays, dice))
    strikes = [asyncio.create_task(_strike(ground, strike, began)) for strike in planned]
    try:
        await play(plays)
    except* Exception as group:  # noqa: BLE001  whatever stopped the population is what the campaign looks for
        outcome.found += [f"the population was stopped by {error!r}" for error in _flat(group)]
    outcome.struck = list(await asyncio.gather(*strikes))
    outcome.overbooked = await overbooked
    outcome.found += [f"{name} did not come back" for name in await ground.missing()]
    outcome.found += [f"{each.region.id}: {what}" for each in plays for what in each.open]
    outcome.found += api.faults
    outcome.found += await _check(ground, api)
    outcome.seen = _seen(plays)
    outcome.seconds = time.monotonic() - began
    await api.close()
    return outcome


def _flat(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [one for error in group.exceptions for one in (_flat(error) if isinstance(error, BaseExceptionGroup) else [error])]


async def _strike(ground: Field, strike: Planned, began: float) -> Struck:
    await asyncio.sleep(max(0, began + strike.at - time.monotonic()))
    at = round(time.monotonic() - began, 1)
    try:
        return Struck(at, strike.fault.name, await strike.fault.strike(ground, strike.dice))
    except Missed as reason:
        return Struck(at, strike.fault.name, str(reason), missed=True)
    except _TAKEN_AWAY as error:
        return Struck(at, strike.fault.name, f"{type(error).__name__}: {error}", missed=True)


async def _check(ground: Field, api: RecordingApi) -> list[str]:
    """`triptych verify`, again while something is on its way; then the promises, then some events once more."""
    try:
        report = await _settled(ground)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [f"the databases could not be read: {error!r}"]
    found = [f"{breach.invariant}. {breach.subject}: {breach.detail}" for breach in report.breaches]
    found += broken(api.promises, report.facts)
    urls = {service: ground.state.verify_url(service, "postgresql") for service in SERVICES}
    try:
        _, changed = await replay_events(urls, ground.state.kafka, REPLAYED)
    except (OSError, KafkaError, TimeoutError) as error:
        return [*found, f"events were not taken in again: {type(error).__name__} {error}"]
    return found + [f"{breach.invariant}. {breach.subject}: {breach.detail}" for breach in changed]


async def _settled(ground: Field) -> Report:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        report = await verify(lambda: gather(ground.home, ground.state), settled=True)
        if not report.breaches or time.monotonic() > deadline:
            return report
        await asyncio.sleep(1)


def _seen(plays: Sequence[Play]) -> dict[str, int]:
    """So that nobody takes an idle population for a hard-working one."""
    seen = Counter({"handed in": sum(each.files.handed_in for each in plays), "came back": sum(_came_back(each) for each in plays)})
    for each in plays:
        seen += Counter(f"vouchers {voucher['outcome'] or 'open'}" for voucher in each.view.vouchers.values())
        seen += Counter(f"claims {state}" for state in each.view.states("claims").elements())
        seen += Counter(f"payments {state}" for state in each.view.states("disbursements").elements())
        seen += Counter(f"recoveries {state}" for state in each.view.states("recoveries").elements())
    return dict(sorted(seen.items()))


def _came_back(each: Play) -> int:
    """Payments that the bank refused, sent back or said nothing of."""
    return len(set().union(*each.seen.values()))
