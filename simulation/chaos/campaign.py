"""Runs rounds one after another. The platform is replaced by a new one after some rounds, and always after a round with findings."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from deploy.embedded import daemon
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import free_port
from deploy.embedded.state import StartOptions, controller_name
from shared.messaging.profile import BrokerKind
from simulation.chaos.faults import FAULTS, Fault
from simulation.chaos.faults.disk import small_disk
from simulation.chaos.plan import plan_round, possible_faults, round_random
from simulation.chaos.proxy import Proxy
from simulation.chaos.round import RoundResult, run_round
from simulation.chaos.short_policies import BANK_PERCENT, write_regions
from simulation.chaos.target import Target

ROUNDS_PER_PLATFORM = 5
"""Rounds share a platform, so that the faults of one round also meet the finished cases of earlier rounds."""
_BEHIND_A_PROXY = ("postgres", "temporal", "applications", "evaluation", "payments", "people", "vouchers")


@dataclass(frozen=True)
class CampaignOptions:
    """`only`: inject this fault alone, once or more in a round. `first`: number of the first round. `folder`: for platform and reports.
    `compact`: the API and the workers of a service are one process."""

    rounds: int
    seed: int
    broker: BrokerKind
    folder: Path
    brokers: Literal[1, 3] = 1
    only: str | None = None
    first: int = 0
    compact: bool = False

    @property
    def faults(self) -> list[Fault]:
        return [FAULTS[self.only]] if self.only else possible_faults(self.broker, self.brokers)


async def run_campaign(options: CampaignOptions, on_round: Callable[[RoundResult], None]) -> None:
    """Runs all rounds and calls `on_round` with the result of each."""
    numbers = range(options.first, options.first + options.rounds)
    while numbers:
        async with _platform(options) as target:
            for number in numbers[:ROUNDS_PER_PLATFORM]:
                planned = plan_round(options.seed, number, options.faults)
                result = await run_round(target, RoundResult(number, options.seed), planned, round_random(options.seed, number))
                numbers = numbers[1:]
                on_round(result)
                if result.findings:
                    break
        if result.findings:
            _keep_evidence(target.data, options.folder / f"round-{result.number}")


@asynccontextmanager
async def _platform(options: CampaignOptions) -> AsyncIterator[Target]:
    """Starts a new platform behind proxies, with short policies and a bank with high failure rates. Stops it on exit."""
    data = DataDirectory(options.folder / "platform")
    daemon.stop(data)
    shutil.rmtree(data.root, ignore_errors=True)
    write_regions(data.root / "regions")
    bank = data.environment_overrides("bank")
    bank.parent.mkdir(parents=True)
    bank.write_text(json.dumps({f"TRIPTYCH_BANK_{kind}_PERCENT": percent for kind, percent in BANK_PERCENT.items()}))
    start_options = StartOptions(
        gateway_port=free_port(),
        broker=options.broker,
        brokers=options.brokers,
        regions=data.root / "regions",
        compact=options.compact,
    )
    brokers = daemon.prepare(data, start_options).broker_names
    controllers = [controller_name(name) for name in brokers if len(brokers) > 1]
    links = {name: free_port() for name in (*_BEHIND_A_PROXY, *brokers, *controllers)}
    state = daemon.prepare(data, StartOptions(port_overrides=links))
    proxies = {name: Proxy(port, state.ports[name]) for name, port in links.items()}
    async with AsyncExitStack() as stack:
        stack.enter_context(small_disk(data.bank_outgoing))
        for proxy in proxies.values():
            await proxy.start()
            stack.push_async_callback(proxy.stop)
        target = Target(data, proxies)
        stack.push_async_callback(target.stop)
        await target.start()
        yield target


def _keep_evidence(data: DataDirectory, where: Path) -> None:
    """Moves the whole platform there on which a round had findings: logs, bank files, databases, lifecycles. Moved back, `triptych up` with
    its folder in TRIPTYCH_HOME starts it again."""
    shutil.rmtree(where, ignore_errors=True)
    shutil.move(data.root, where)


def as_json(options: CampaignOptions, results: list[RoundResult]) -> str:
    """Returns the report as JSON."""
    facts = {
        "seed": options.seed,
        "broker": options.broker,
        "brokers": options.brokers,
        "only": options.only,
        "rounds": [asdict(result) for result in results],
    }
    return json.dumps(facts, indent=1)
