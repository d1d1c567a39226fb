"""Composes the embedded platform: its processes, their environment, and the order in which they start."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import psutil

from deploy.embedded import binaries, release
from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.databases import create_all, has_events, migrate, module_of_migrations
from deploy.embedded.identity import AUDIENCE, ISSUER, ensure_bank_keys, ensure_key, ensure_provider_key
from deploy.embedded.kafka import install
from deploy.embedded.kafka.server import ClusterMember, Kafka
from deploy.embedded.launched import Launcher
from deploy.embedded.master_keys import TEMPORAL, read_master_keys
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Process, ProcessFailed
from deploy.embedded.program import Program
from deploy.embedded.programs import LIFECYCLES, PROVIDER, programs, workers_of
from deploy.embedded.servers import Caddy, PostgreSQL, Server, Tansu, Temporal
from deploy.embedded.state import (
    NAMESPACE,
    OWN_HOSTS,
    PORTAL,
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
from shared.kernel.services import DATABASES, OF_CASES, SERVICES
from shared.messaging.profile import BrokerKind

SITE = REPOSITORY / "deploy" / "embedded" / "site"  # what the gateway itself answers with
BANK_SEED = "demonstration"
MAIL_FROM = "no-reply@triptych.example"
TRACING = ("TRIPTYCH_OTLP", "TRIPTYCH_OTLP_SHARE")
WORKFLOW_RETENTION = timedelta(days=3650)

# What the launcher imports beside the programs: what their libraries import only when they are used. Not what migrations need alone: only
# the first start of a release runs them.
_IMPORTED = (
    *("anyio._backends._asyncio", "sqlalchemy.dialects.postgresql.asyncpg"),
    *("uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.protocols.http.h11_impl", "uvicorn.protocols.websockets.auto"),
    *("google.protobuf.descriptor_pb2", "encodings.idna"),
)
GIVING_ROLES = "simulation.provider.roles"
_PROCESSES = ("postgres", "temporal", "temporal-ui", "caddy", "mailbox-smtp", *programs(compact=False))


def prepare(data: DataDirectory, options: StartOptions = UNCHANGED) -> State:
    """Writes and returns the state for the next start. A broker that replaces another starts empty; the relays republish all events."""
    discard_replaced_broker(data, options)
    return prepare_state(data, _PROCESSES, options)


def compose(data: DataDirectory, options: StartOptions = UNCHANGED) -> tuple[State, Sequence[Step]]:
    """Returns the steps of a start, for the supervisor."""
    state = prepare(data, options)
    for folder in (data.bank_outgoing, data.bank_incoming):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(SITE, data.public, dirs_exist_ok=True)
    ensure_key(data.private_key, data.jwks)
    ensure_bank_keys(data.bank_keys)
    ensure_provider_key(data.provider_key)
    pages = state.ports["temporal-ui"] if state.temporal_pages else None
    temporal = Temporal(data.root / "temporal", port=state.ports["temporal"], ui_port=pages, log=data.log("temporal"))
    postgres = PostgreSQL(
        data.root / "postgres", port=state.ports["postgres"], password=state.passwords[SUPERUSER], log=data.log("postgres")
    )
    modules = programs(compact=state.compact)
    imported = (*_IMPORTED, *(module for name, module in modules.items() if name != PROVIDER), *_prepared(state))
    launcher = Launcher(data.root, imported, data.log("launcher"))
    launchers = (launcher,) if sys.platform == "linux" else ()
    started = {name: _program(name, module, state, data, launcher) for name, module in modules.items()}
    return state, (
        *_kafka_download(state),
        Servers(launchers, awaited=False),  # it imports while the servers start
        Servers((started[PROVIDER],), awaited=False),  # it takes long, and needs neither databases nor the clock
        Servers((postgres, temporal, *brokers(state, data), gateway(state, data))),
        Task("databases and roles", lambda: create_databases(state)),
        Task("retention of finished workflows", lambda: _extend_retention(state, temporal)),
        Servers(launchers),
        Task("migrations", lambda: bring_up_to_date(state, data, launcher)),
        Task("programme clock", lambda: _start_clock(state, data, postgres)),
        Servers(tuple(started.values())),
        *_roles_of_the_demonstration(data),
    )


def _prepared(state: State) -> tuple[str, ...]:
    """What every service would do in the same way at its start: read the policies and forms, and make the routes of its app."""
    routes = (f"shared.runtime.service:prepare_routes=services.{service}.app" for service in SERVICES)
    return (f"shared.policy.loader:keep_book={state.policies}", *routes)


def _roles_of_the_demonstration(data: DataDirectory) -> tuple[Step, ...]:
    """At the first start only, in a process of its own, which nothing waits for but who signs in without a browser."""
    if data.demonstration_roles.exists():
        return ()
    environment = {**os.environ, "TRIPTYCH_HOME": str(data.root)}
    giving = Process("roles", [sys.executable, "-m", GIVING_ROLES], data.log("roles"), env=environment, cwd=REPOSITORY)
    return (Task("roles of the demonstration's people", giving.start),)


def discard_replaced_broker(data: DataDirectory, options: StartOptions) -> None:
    """Deletes the broker's data when the options change the kind or number of brokers.

    Data of an earlier broker lacks the events of the time in which another one ran, so it must not be used again. Called before the
    options are saved: after an interruption the next start repeats it.
    """
    state = load_state(data)
    if state is not None and changes_broker(state, options):
        shutil.rmtree(data.broker, ignore_errors=True)


def _kafka_download(state: State) -> tuple[Step, ...]:
    return (Task("download of Apache Kafka by Maven", _download_kafka),) if state.broker is BrokerKind.KAFKA else ()


def _download_kafka() -> None:
    install.java()
    install.libraries()


def brokers(state: State, data: DataDirectory) -> tuple[Server, ...]:
    """Returns the broker processes: one, or the members of an Apache Kafka cluster."""
    if state.brokers == 1:
        kind = {BrokerKind.KAFKA: Kafka, BrokerKind.TANSU: Tansu}[state.broker]
        return (kind(data.broker, port=state.ports["broker"], advertised=state.kafka, log=data.log("broker")),)
    quorum = tuple(state.address_of(controller_name(name)) for name in state.broker_names)
    members = {
        name: ClusterMember(node, state.ports[controller_name(name)], quorum) for node, name in enumerate(state.broker_names, start=1)
    }
    return tuple(
        Kafka(data.broker / name, port=state.ports[name], advertised=state.address_of(name), log=data.log(name), name=name, member=member)
        for name, member in members.items()
    )


def _program(name: str, module: str, state: State, data: DataDirectory, launcher: Launcher) -> Program:
    """The environment is built when the process starts, from the state file: the step "programme clock" changes the state after
    the steps are composed."""
    ready_line = f"{name} ready" if name in ("bank", "provider", "mailbox") else None
    compact = state.compact and name in SERVICES
    return Program(
        name,
        module,
        data,
        port=state.ports[name],
        environment=lambda: (compact_environment if compact else environment)(name, read_state(data), data),
        ready_line=ready_line,
        launcher=None if name == PROVIDER else launcher,
        parts={worker: state.ports[worker] for worker in workers_of(name)} if compact else {},
    )


def compact_environment(service: str, state: State, data: DataDirectory) -> dict[str, str]:
    """Of a process that is a service's API and its workers: what each of them gets. Its parts are not traced one by one, so none is."""
    names = (*workers_of(service), service)
    variables = {key: value for name in names for key, value in environment(name, state, data).items() if key not in TRACING}
    ports = {"TRIPTYCH_WORKER_PORT": state.ports[f"{service}-worker"]}
    if service == "vouchers":
        ports["TRIPTYCH_LIFECYCLES_PORT"] = state.ports[LIFECYCLES]
    return variables | {name: str(port) for name, port in ports.items()}


def environment(name: str, state: State, data: DataDirectory) -> dict[str, str]:
    """Returns the environment variables of one process. It gets only the secrets that are its own."""
    service = name.split("-", maxsplit=1)[0]
    variables = {
        "TRIPTYCH_DAY_SECONDS": str(state.day_seconds),
        "TRIPTYCH_CLOCK_REAL": state.clock_real.isoformat(),
        "TRIPTYCH_CLOCK_PROGRAMME": state.clock_programme.isoformat(),
        "TRIPTYCH_REGIONS": str(state.policies),
    }
    if service in SERVICES:
        variables |= {
            "TRIPTYCH_DATABASE_URL": state.database_url(service),
            "TRIPTYCH_KAFKA": state.kafka,
            "TRIPTYCH_BROKER": state.broker,
            "TRIPTYCH_BROKERS": str(state.brokers),
            "TRIPTYCH_JWKS_URL": data.jwks.as_uri(),  # a file: nobody can take the port of people first, and be anybody
            "TRIPTYCH_REVOCATIONS_URL": f"http://{state.address_of('people')}/api/people/revocations",
            "TRIPTYCH_ISSUER": ISSUER,
            "TRIPTYCH_AUDIENCE": AUDIENCE,
            "TRIPTYCH_HASH_KEY": state.hash_key,
            "TRIPTYCH_EVENT_SIGNING_KEY": state.signing_keys[service],
            "TRIPTYCH_EVENT_PUBLIC_KEYS": json.dumps(state.event_public_keys),
            "TRIPTYCH_SECURITY_LOG": str(data.log("security")),
            "TRIPTYCH_ANCHORS": str(data.anchors),
            "TRIPTYCH_MASTER_KEYS": ",".join(read_master_keys(data)[service]),
        }
    if name == "applications":
        variables["TRIPTYCH_CALLS_IN_ONE_STEP"] = "true"  # one person plays all officers of the demonstration
    if service in ("applications", "payments"):
        files = data.files if service == "applications" else data.claim_files
        variables |= {"TRIPTYCH_FILES": files.as_uri(), "TRIPTYCH_CLAMAV": os.environ.get("TRIPTYCH_CLAMAV", "")}
    if name == "people":
        provider = {"issuer": state.provider, "clients": [PORTAL], "jwks_url": f"{state.provider}/oauth/jwks.json"}
        emails = {"verifies_emails": True}  # Canaille has no claim for it, and here nobody can change an address (simulation/provider)
        variables |= {"TRIPTYCH_TOKEN_KEY": str(data.private_key), "TRIPTYCH_PROVIDERS": json.dumps([provider | emails])}
    if name == "people-worker":
        variables |= {
            "TRIPTYCH_SMTP": state.address_of("mailbox-smtp"), "TRIPTYCH_SMTP_SECURITY": "none", "TRIPTYCH_MAIL_FROM": MAIL_FROM,
            "TRIPTYCH_PORTAL": state.origins[0], "TRIPTYCH_BOUNCES": str(data.bounces),
        }  # fmt: skip
    if name == "portal":
        variables |= {
            "TRIPTYCH_DATABASE_URL": state.database_url("portal"),
            "TRIPTYCH_SERVICES": json.dumps({service: f"http://{state.address_of(service)}" for service in SERVICES}),
            "TRIPTYCH_PROVIDER": json.dumps({"issuer": state.provider, "client": PORTAL, "secret": state.provider_secret}),
            "TRIPTYCH_ORIGINS": json.dumps(state.origins),
            "TRIPTYCH_DEMONSTRATION": str(data.demonstration_people),
        }
    if service == "vouchers":
        payloads = ",".join(read_master_keys(data)[TEMPORAL])
        variables |= {
            "TRIPTYCH_TEMPORAL": state.temporal, "TRIPTYCH_TEMPORAL_NAMESPACE": NAMESPACE, "TRIPTYCH_TEMPORAL_KEYS": payloads,
        }  # fmt: skip
    if service in ("payments", "bank"):
        variables |= {"TRIPTYCH_BANK_OUTGOING": str(data.bank_outgoing), "TRIPTYCH_BANK_INCOMING": str(data.bank_incoming)}
    if name == "payments-worker":
        variables |= {"TRIPTYCH_BANK_KEYS": str(data.bank_keys.banks_public), "TRIPTYCH_BANK_SIGNING_KEY": str(data.bank_keys.ours)}
    return variables | _simulated(name, state, data) | _tracing(service)


def _tracing(service: str) -> dict[str, str]:
    """Of our own environment, for our own programs."""
    ours = service in SERVICES or service == "portal"
    return {name: os.environ[name] for name in TRACING if ours and name in os.environ}


def _simulated(name: str, state: State, data: DataDirectory) -> dict[str, str]:
    """What only a process in the place of a real one needs."""
    if name == "provider":
        return {
            "TRIPTYCH_PROVIDER_KEY": str(data.provider_key),
            "TRIPTYCH_PROVIDER_CLIENT": PORTAL,
            "TRIPTYCH_PROVIDER_SECRET": state.provider_secret,
            "TRIPTYCH_PROVIDER_ORIGINS": json.dumps(state.origins),
            "TRIPTYCH_PROVIDER_PEOPLE": str(data.demonstration_people),
            "TRIPTYCH_PROVIDER_DATABASE": str(data.provider_database),
        }
    if name == "mailbox":
        folders = {"TRIPTYCH_MAILBOX": str(data.mailbox), "TRIPTYCH_BOUNCES": str(data.bounces)}
        return {"TRIPTYCH_SMTP_PORT": str(state.ports["mailbox-smtp"]), **folders}
    if name == "bank":
        keys = {"TRIPTYCH_BANK_KEY": str(data.bank_keys.banks), "TRIPTYCH_BANK_CUSTOMER_KEYS": str(data.bank_keys.our_public)}
        files = {"BOOK": data.bank_book, "PAID_IN": data.bank_paid_in, "KINDS": data.bank_kinds}
        own = {f"TRIPTYCH_BANK_{name}": str(path) for name, path in files.items()} | {"TRIPTYCH_BANK_SEED": BANK_SEED}
        return own | keys | _inherited_bank_settings()
    return {}


def _inherited_bank_settings() -> dict[str, str]:
    """Variables of our own environment that set how the bank behaves: TRIPTYCH_BANK_SEED, TRIPTYCH_BANK_REJECTED_PERCENT, ..."""
    return {name: value for name, value in os.environ.items() if name.startswith("TRIPTYCH_BANK_")}


def gateway(state: State, data: DataDirectory) -> Caddy:
    variables = {
        "BIND": LOOPBACK,
        **{name.upper(): state.address_of(name) for name in DATABASES},
        "PROVIDER": state.provider,
        "PUBLIC": str(data.public),
        "HOSTS": " ".join((*OWN_HOSTS, *state.hosts)),
        **_tls(state.certificates),
    }
    return Caddy(data.root / "caddy", REPOSITORY / "deploy" / "Caddyfile", variables, port=state.ports["caddy"], log=data.log("caddy"))


def _tls(certificates: Path | None) -> dict[str, str]:
    if certificates is None:
        return {}
    return {"TLS": "on", "CERTIFICATE": str(certificates / "certificate.pem"), "CERTIFICATE_KEY": str(certificates / "key.pem")}


def create_databases(state: State) -> None:
    """Databases and roles, those of an earlier installation brought up to date."""
    passwords = {role: password for role, password in state.passwords.items() if role != SUPERUSER}
    asyncio.run(create_all(state.database_url("postgres", SUPERUSER, driver="postgresql"), passwords))


def migrate_databases(state: State) -> None:
    for service in DATABASES:
        migrate(service, state.owner_url(service))


def bring_up_to_date(state: State, data: DataDirectory, launcher: Launcher) -> None:
    """Migrates the databases that this release has not migrated yet. Raises `ProcessFailed` as `migrate_side_by_side` does."""
    admin = state.database_url("postgres", SUPERUSER, driver="postgresql")
    releases = asyncio.run(release.behind(admin, DATABASES))
    if releases:
        migrate_side_by_side(tuple(releases), state, data, launcher)
        asyncio.run(release.mark_migrated(admin, releases))


def migrate_side_by_side(databases: Sequence[str], state: State, data: DataDirectory, launcher: Launcher) -> None:
    """As `migrate_databases`, in a process for each. Raises `ProcessFailed` with the end of the log of one that failed."""
    migrations = [_migration(service, state, data, launcher) for service in databases]
    for each in migrations:
        each.start()
    for each in migrations:
        each.wait_ended()
    for each in migrations:
        if each.exit_code != 0:
            raise ProcessFailed(f"{each.name} ended with status {each.exit_code}.\n{each.log_tail()}")


def _migration(service: str, state: State, data: DataDirectory, launcher: Launcher) -> Program:
    variables = {**environment(service, state, data), "TRIPTYCH_DATABASE_URL": state.owner_url(service)}
    module = module_of_migrations(service)
    return Program(f"{service}-migrate", module, data, port=0, environment=lambda: variables, launcher=launcher)


def _start_clock(state: State, data: DataDirectory, postgres: PostgreSQL) -> None:
    """Restarts the programme clock while no case and no call has an event. The roles that a start gives are no use of the platform.

    So the first days of the programme do not pass during a slow start, nor before the platform has its first user. The clock starts
    after a delay for the rest of this start: as long as the start has taken so far; at a first start four times that, for the roles.
    """
    used = [state.verify_url(service, driver="postgresql") for service in OF_CASES]
    if not asyncio.run(has_events(used)):
        so_far = timedelta(seconds=time.time() - psutil.Process(postgres.pid).create_time())
        begin_programme(data, so_far if data.demonstration_roles.exists() else so_far * 4)


def _extend_retention(state: State, temporal: Temporal) -> None:
    """The development server deletes a finished workflow after a day; `triptych verify` and case histories need it for longer."""
    if temporal.keeps_finished_workflows_for() == WORKFLOW_RETENTION:
        return
    command = [str(binaries.temporal()), "operator", "namespace", "update", "--address", state.temporal, "--namespace", NAMESPACE]
    subprocess.run([*command, "--retention", f"{WORKFLOW_RETENTION.days}d"], check=True, capture_output=True, timeout=30)
