"""The platform put together: which processes there are, what each is told, and in which order they start."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from datetime import timedelta

import psutil

from deploy.embedded import binaries
from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.databases import SERVICES, create_all, has_events, migrate
from deploy.embedded.identity import AUDIENCE, ISSUER, ensure_key
from deploy.embedded.kafka import install
from deploy.embedded.kafka.server import ClusterMember, Kafka
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.program import Program
from deploy.embedded.servers import Caddy, PostgreSQL, Server, Tansu, Temporal
from deploy.embedded.state import (
    SUPERUSER,
    UNCHANGED,
    StartOptions,
    State,
    begin_programme,
    changes_broker,
    controller_name,
    load_state,
    prepare_state,
    read_state,
)
from deploy.embedded.supervisor import Servers, Step, Task
from shared.messaging.profile import BrokerKind

NAMESPACE = "triptych"
JWKS_PATH = "/.well-known/jwks.json"
UI_PATH = "/temporal"
SITE = REPOSITORY / "deploy" / "embedded" / "site"  # the start page
BANK_SEED = "demonstration"
CASES_ARE_KEPT = timedelta(days=3650)

_PROGRAMS = {
    **{service: f"services.{service}.serve" for service in SERVICES},
    **{f"{service}-worker": f"services.{service}.worker" for service in SERVICES},
    "vouchers-temporal": "services.vouchers.temporal_worker",
    "bank": "simulation.bank",
}
_PORTS = ("postgres", "temporal", "temporal-ui", "caddy", *_PROGRAMS)


def prepare(data: DataDirectory, options: StartOptions = UNCHANGED) -> State:
    """What the next start begins with, ports and all. Another broker than last time begins empty, and the relays fill it."""
    discard_replaced_broker(data, options)
    return prepare_state(data, _PORTS, options)


def compose(data: DataDirectory, options: StartOptions = UNCHANGED) -> tuple[State, Sequence[Step]]:
    """The steps of a start, for the supervisor."""
    now = prepare(data, options)
    for folder in (data.bank_outgoing, data.bank_incoming):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(SITE, data.public, dirs_exist_ok=True)
    ensure_key(data.private_key, data.jwks)
    temporal = Temporal(
        data.root / "temporal", port=now.ports["temporal"], ui_port=now.ports["temporal-ui"], ui_path=UI_PATH, log=data.log("temporal")
    )
    postgres = PostgreSQL(data.root / "postgres", port=now.ports["postgres"], password=now.passwords[SUPERUSER], log=data.log("postgres"))
    return now, (
        *_fetch_broker(now),
        Servers((postgres, temporal, *brokers(now, data), _caddy(now, data))),
        Task("databases and roles", lambda: _create_databases(now)),
        Task("migrations", lambda: _migrate(now)),
        Task("retention of finished workflows", lambda: _keep_workflows(now)),
        Task("programme clock", lambda: _settle_clock(now, data, postgres)),
        Servers(tuple(_program(name, now, data) for name in _PROGRAMS)),
    )


def discard_replaced_broker(data: DataDirectory, options: StartOptions) -> None:
    """What a broker still holds from before another one's turn lacks the events of that turn: it must not pass for whole. Of
    another number of brokers the new ones hold nothing either.

    Before the new choice is written down: broken off in between, the next start does it again.
    """
    kept = load_state(data)
    if kept is not None and changes_broker(kept, options):
        shutil.rmtree(data.broker, ignore_errors=True)


def _fetch_broker(now: State) -> tuple[Step, ...]:
    return (Task("Apache Kafka, fetched by Maven", _fetch_kafka),) if now.broker is BrokerKind.KAFKA else ()


def _fetch_kafka() -> None:
    install.java()
    install.libraries()


def brokers(now: State, data: DataDirectory) -> tuple[Server, ...]:
    if now.brokers == 1:
        kind = {BrokerKind.KAFKA: Kafka, BrokerKind.TANSU: Tansu}[now.broker]
        return (kind(data.broker, port=now.ports["broker"], advertised=now.kafka, log=data.log("broker")),)
    quorum = tuple(now.address_of(controller_name(name)) for name in now.broker_names)
    members = {name: ClusterMember(node, now.ports[controller_name(name)], quorum) for node, name in enumerate(now.broker_names, start=1)}
    return tuple(
        Kafka(data.broker / name, port=now.ports[name], advertised=now.address_of(name), log=data.log(name), name=name, member=member)
        for name, member in members.items()
    )


def _program(name: str, now: State, data: DataDirectory) -> Program:
    """What it is told is of the moment when it starts: the clock is settled after the steps are laid out."""
    ready_line = "bank ready" if name == "bank" else None
    port, module = now.ports[name], _PROGRAMS[name]
    return Program(name, module, data, port=port, environment=lambda: environment(name, read_state(data), data), ready_line=ready_line)


def environment(name: str, now: State, data: DataDirectory) -> dict[str, str]:
    """What one process is told: only what is its own."""
    service = name.split("-", maxsplit=1)[0]
    settings = {
        "TRIPTYCH_DAY_SECONDS": str(now.day_seconds),
        "TRIPTYCH_CLOCK_REAL": now.clock_real.isoformat(),
        "TRIPTYCH_CLOCK_PROGRAMME": now.clock_programme.isoformat(),
        "TRIPTYCH_REGIONS": str(now.policies),
    }
    if service in SERVICES:
        settings |= {
            "TRIPTYCH_DATABASE_URL": now.database_url(service),
            "TRIPTYCH_KAFKA": now.kafka,
            "TRIPTYCH_BROKER": now.broker,
            "TRIPTYCH_BROKERS": str(now.brokers),
            "TRIPTYCH_JWKS_URL": now.gateway + JWKS_PATH,
            "TRIPTYCH_ISSUER": ISSUER,
            "TRIPTYCH_AUDIENCE": AUDIENCE,
            "TRIPTYCH_HASH_KEY": now.hash_key,
        }
    if service == "vouchers":
        settings |= {"TRIPTYCH_TEMPORAL": now.temporal, "TRIPTYCH_TEMPORAL_NAMESPACE": NAMESPACE}
    if service in ("payments", "bank"):
        settings |= {"TRIPTYCH_BANK_OUTGOING": str(data.bank_outgoing), "TRIPTYCH_BANK_INCOMING": str(data.bank_incoming)}
    if service == "bank":
        settings |= {"TRIPTYCH_BANK_BOOK": str(data.bank_book), "TRIPTYCH_BANK_SEED": BANK_SEED} | _bank_of_our_environment()
    return settings


def _bank_of_our_environment() -> dict[str, str]:
    """Whoever starts the platform may set how the bank behaves: TRIPTYCH_BANK_SEED, TRIPTYCH_BANK_REJECTED_PERCENT, ..."""
    return {name: value for name, value in os.environ.items() if name.startswith("TRIPTYCH_BANK_")}


def _caddy(now: State, data: DataDirectory) -> Caddy:
    variables = {
        "BIND": LOOPBACK,
        **{service.upper(): now.address_of(service) for service in SERVICES},
        "TEMPORAL_UI": now.address_of("temporal-ui"),
        "PUBLIC": str(data.public),
    }
    return Caddy(data.root / "caddy", REPOSITORY / "deploy" / "Caddyfile", variables, port=now.ports["caddy"], log=data.log("caddy"))


def _create_databases(now: State) -> None:
    passwords = {role: password for role, password in now.passwords.items() if role != SUPERUSER}
    asyncio.run(create_all(now.database_url("postgres", SUPERUSER, driver="postgresql"), passwords))


def _migrate(now: State) -> None:
    for service in SERVICES:
        migrate(service, now.database_url(service))


def _settle_clock(now: State, data: DataDirectory, postgres: PostgreSQL) -> None:
    """Until the first event the programme begins with each start anew: its first days are not spent on starting, however slow the
    machine, and none passes while the platform waits for its first user. What is left of the start is given as long as it took so far.
    """
    if not asyncio.run(has_events([now.verify_url(service, driver="postgresql") for service in SERVICES])):
        begin_programme(data, timedelta(seconds=time.time() - psutil.Process(postgres.pid).create_time()))


def _keep_workflows(now: State) -> None:
    """The development server forgets a finished workflow after a day; `triptych verify` and case histories want it longer."""
    command = [str(binaries.temporal()), "operator", "namespace", "update", "--address", now.temporal, "--namespace", NAMESPACE]
    subprocess.run([*command, "--retention", f"{CASES_ARE_KEPT.days}d"], check=True, capture_output=True, timeout=30)
