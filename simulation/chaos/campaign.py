"""Rounds one after another on a platform that is begun anew now and then, and always after a round that found something."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from deploy.embedded import daemon
from deploy.embedded.home import Home
from deploy.embedded.ports import free_port
from deploy.embedded.state import Choice, controller_of
from shared.messaging.profile import BrokerKind
from simulation.chaos.faults import FAULTS, Fault
from simulation.chaos.faults.disk import small_disk
from simulation.chaos.field import Field
from simulation.chaos.hurried import BANK, write_regions
from simulation.chaos.plan import plan, possible_faults, round_dice
from simulation.chaos.proxy import Proxy
from simulation.chaos.round import Outcome, run_round

ROUNDS_A_PLATFORM = 5
"""Rounds share a platform, each with organisations and calls of its own: what one leaves behind is there to be broken by the next."""
_BEHIND_A_PROXY = ("postgres", "temporal", "applications", "evaluation", "payments", "vouchers")


@dataclass(frozen=True)
class Orders:
    """`only`: this fault alone, once or more a round. `first`: number of the first round. `folder` holds platform and reports."""

    rounds: int
    seed: int
    broker: BrokerKind
    folder: Path
    brokers: Literal[1, 3] = 1
    only: str | None = None
    first: int = 0

    @property
    def faults(self) -> list[Fault]:
        return [FAULTS[self.only]] if self.only else possible_faults(self.broker, self.brokers)


async def campaign(orders: Orders, done: Callable[[Outcome], None]) -> None:
    """Runs all rounds; `done` is told of each as it ends."""
    numbers = range(orders.first, orders.first + orders.rounds)
    while numbers:
        async with _platform(orders) as ground:
            for number in numbers[:ROUNDS_A_PLATFORM]:
                planned = plan(orders.seed, number, orders.faults)
                outcome = await run_round(ground, Outcome(number, orders.seed), planned, round_dice(orders.seed, number))
                numbers = numbers[1:]
                done(outcome)
                if outcome.found:
                    break
        if outcome.found:
            _set_aside(ground.home, orders.folder / f"round-{outcome.number}")


@asynccontextmanager
async def _platform(orders: Orders) -> AsyncIterator[Field]:
    """A fresh platform behind proxies, with short terms and a bank at which much goes wrong."""
    home = Home(orders.folder / "platform")
    daemon.stop(home)
    shutil.rmtree(home.root, ignore_errors=True)
    write_regions(home.root / "regions")
    bank = home.override("bank")
    bank.parent.mkdir(parents=True)
    bank.write_text(json.dumps({f"TRIPTYCH_BANK_{kind}_PERCENT": percent for kind, percent in BANK.items()}))
    choice = Choice(gateway_port=free_port(), broker=orders.broker, brokers=orders.brokers, regions=home.root / "regions")
    brokers = daemon.prepare(home, choice).broker_names
    controllers = [controller_of(name) for name in brokers if len(brokers) > 1]
    links = {name: free_port() for name in (*_BEHIND_A_PROXY, *brokers, *controllers)}
    state = daemon.prepare(home, Choice(links=links))
    proxies = {name: Proxy(port, state.ports[name]) for name, port in links.items()}
    async with AsyncExitStack() as stack:
        stack.enter_context(small_disk(home.bank_outgoing))
        for proxy in proxies.values():
            await proxy.start()
            stack.push_async_callback(proxy.stop)
        ground = Field(home, proxies)
        stack.push_async_callback(ground.stop)
        await ground.start()
        yield ground


def _set_aside(home: Home, where: Path) -> None:
    """Logs and bank files of a platform on which something was found."""
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    shutil.copytree(home.logs, where / "logs")
    shutil.copytree(home.root / "bank", where / "bank")


def as_json(orders: Orders, outcomes: list[Outcome]) -> str:
    """The report for machines."""
    facts = {
        "seed": orders.seed,
        "broker": orders.broker,
        "brokers": orders.brokers,
        "only": orders.only,
        "rounds": [asdict(outcome) for outcome in outcomes],
    }
    return json.dumps(facts, indent=1)
