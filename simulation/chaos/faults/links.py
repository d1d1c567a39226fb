"""Connections that break, and connections that stand and say nothing."""

import asyncio

from deploy.embedded.databases import SERVICES
from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.chaos.proxy import Concerned, Proxy
from simulation.demo.dice import Dice

_EVERYBODY = "everybody"


@fault("link-cut")
async def link_cut(field: Field, dice: Dice) -> str:
    """One process, or everybody, is cut off from a server: connections are reset, new ones refused."""
    proxy, concerned, link = _link(field, dice)
    seconds = dice.between(1, 8, "seconds")
    with proxy.cut(concerned):
        await asyncio.sleep(seconds)
    return f"{link} for {seconds} s"


@fault("link-half-open")
async def link_half_open(field: Field, dice: Dice) -> str:
    """One process, or everybody, has connections to a server over which no byte passes; then they flow on, or are reset."""
    proxy, concerned, link = _link(field, dice)
    seconds, reset = dice.between(2, 12, "seconds"), dice.percent(50, "reset")
    with proxy.half_open(concerned):
        await asyncio.sleep(seconds)
        if reset:
            proxy.drop(concerned)
    return f"{link} for {seconds} s, {'reset' if reset else 'on again'}"


@fault("link-stranded")
async def link_stranded(field: Field, dice: Dice) -> str:
    """The connections of one process, or of everybody, to a server are forgotten on the way: both ends wait for ever."""
    proxy, concerned, link = _link(field, dice)
    proxy.strand(concerned)
    return link


@fault("links-reset")
async def links_reset(field: Field, dice: Dice) -> str:
    """All connections to a server are reset, several times in a row."""
    if not field.proxies:
        raise Missed("the platform was started without proxies")
    name, times = dice.one_of(sorted(field.proxies), "server"), dice.between(1, 5, "times")
    for _ in range(times):
        field.proxies[name].drop(lambda _: True)
        await asyncio.sleep(1)
    return f"{name}, {times} times"


def _link(field: Field, dice: Dice) -> tuple[Proxy, Concerned, str]:
    if not field.proxies:
        raise Missed("the platform was started without proxies")
    server = dice.one_of(sorted(field.proxies), "server")
    client = dice.one_of([*_clients_of(server, field), _EVERYBODY], "client")
    concerned: Concerned = (lambda _: True) if client == _EVERYBODY else field.connections_of(client)
    return field.proxies[server], concerned, f"{client} to {server}"


def _clients_of(server: str, field: Field) -> list[str]:
    if server in SERVICES:
        return ["caddy"]
    processes = field.service_processes
    if server.startswith("broker"):
        others = [name for name in field.state.broker_names if name != server]
        return others if server.endswith("-controller") else [name for name in processes if name.endswith("-worker")] + others
    if server == "temporal":
        return [name for name in processes if name.startswith("vouchers")]
    return processes
