"""Connections that break, and open connections over which no byte passes."""

import asyncio

from shared.kernel.services import SERVICES
from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.proxy import ConnectionFilter, Proxy
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

_ALL_CLIENTS = "all clients"


@fault("link-cut")
async def link_cut(target: Target, random: SeededRandom) -> str:
    """One client, or all, is cut off from a server: connections are reset, new ones refused."""
    proxy, selected, link = _link(target, random)
    seconds = random.between(1, 8, "seconds")
    with proxy.cut(selected):
        await asyncio.sleep(seconds)
    return f"{link} for {seconds} s"


@fault("link-half-open")
async def link_half_open(target: Target, random: SeededRandom) -> str:
    """One client, or all, keeps its connections to a server, but no byte passes; later they continue or are reset."""
    proxy, selected, link = _link(target, random)
    seconds, reset = random.between(2, 12, "seconds"), random.percent(50, "reset")
    with proxy.half_open(selected):
        await asyncio.sleep(seconds)
        if reset:
            proxy.drop(selected)
    return f"{link} for {seconds} s, {'then reset' if reset else 'then continued'}"


@fault("link-stranded")
async def link_stranded(target: Target, random: SeededRandom) -> str:
    """The connections of one client, or of all, to a server stay open, but no byte ever passes again."""
    proxy, selected, link = _link(target, random)
    proxy.strand(selected)
    return link


@fault("links-reset")
async def links_reset(target: Target, random: SeededRandom) -> str:
    """All connections to a server are reset, several times in a row."""
    if not target.proxies:
        raise Skipped("the platform runs without proxies")
    name, times = random.one_of(sorted(target.proxies), "server"), random.between(1, 5, "times")
    for _ in range(times):
        target.proxies[name].drop(lambda _: True)
        await asyncio.sleep(1)
    return f"{name}, {times} times"


def _link(target: Target, random: SeededRandom) -> tuple[Proxy, ConnectionFilter, str]:
    if not target.proxies:
        raise Skipped("the platform runs without proxies")
    server = random.one_of(sorted(target.proxies), "server")
    client = random.one_of([*_clients_of(server, target), _ALL_CLIENTS], "client")
    selected: ConnectionFilter = (lambda _: True) if client == _ALL_CLIENTS else target.connections_of(client)
    return target.proxies[server], selected, f"{client} to {server}"


def _clients_of(server: str, target: Target) -> list[str]:
    if server in SERVICES:
        return ["caddy"]
    processes = target.service_processes
    if server.startswith("broker"):
        others = [name for name in target.state.broker_names if name != server]
        workers = [f"{service}-worker" for service in SERVICES]  # or the processes that they are parts of
        return others if server.endswith("-controller") else workers + others
    if server == "temporal":
        return [name for name in processes if name.startswith("vouchers")]
    return processes
