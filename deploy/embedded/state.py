"""The platform's state file: secrets, ports, start options and the start of the programme clock, kept from the first start on."""

import os
import secrets
import ssl
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.databases import ROLES, VERIFY_ROLE
from deploy.embedded.master_keys import ensure_master_keys
from deploy.embedded.ports import LOOPBACK, claim, free_port
from deploy.embedded.process import ProcessFailed
from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.kernel.services import SERVICES, owner_of
from shared.messaging.profile import BrokerKind, BrokerProfile, profile_of
from shared.messaging.signature import Signer, generate_private_key

PROGRAMME_START = datetime(2025, 12, 1, tzinfo=UTC)
GATEWAY_PORT = 8080
OWN_HOSTS = (LOOPBACK, "localhost")
HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", max_length=253)]
"""A name or an IPv4 address, without a port."""
NO_TLS = "off"
SUPERUSER = "postgres"
PORTAL = "triptych"
"""The portal's name at the identity provider."""
COMMAND_LINE = "triptych-command-line"
"""That of the operator's commands, which sign people in by themselves."""
NAMESPACE = "triptych"


class StartOptions(BaseModel):
    """The options of one start. None keeps the value of the last start.

    `port_overrides`: name of a server → the local port that its clients use instead of the one it listens on. Something that forwards
    the connections, such as a proxy, must listen there. `{}` removes all overrides. `regions`: the folder of the policies. `hosts`: names
    under which the platform is served, beside `OWN_HOSTS`. `tls`: the folder of `certificate.pem` and `key.pem`, or `NO_TLS`.
    `temporal_pages`: whether Temporal's own pages are served, on loopback. `day_seconds`, `programme_date`: how long a day of the programme
    takes, and its first day; only at the first start, since the terms of what is under way run by that clock. `compact`: the API and the
    workers of a service are one process, which takes less memory.
    """

    model_config = ConfigDict(frozen=True)

    gateway_port: int | None = None
    broker: BrokerKind | None = None
    brokers: Literal[1, 3] | None = None
    port_overrides: dict[str, int] | None = None
    regions: Path | None = None
    hosts: tuple[HostName, ...] | None = None
    tls: Path | Literal["off"] | None = None
    temporal_pages: bool | None = None
    compact: bool | None = None
    day_seconds: Annotated[int, Field(ge=1, le=DAY_SECONDS)] | None = None
    programme_date: date | None = None


UNCHANGED = StartOptions()


class State(BaseModel):
    """The content of `state.json`.

    `passwords`: PostgreSQL role → password. `ports`: process name → port. `hash_key` and `signing_key` (which signs backups) are hex.
    `provider_secret`: of the portal at the identity provider.
    `master_keys_made`: there is a file of master keys (master_keys.py), which must not be made again. `signing_keys`: service → private
    key for its events; `event_public_keys`: service → public keys that are accepted, the present one last (see
    `rotate_keys`). `port_overrides`, `regions`, `hosts`, `temporal_pages` and `compact`: see `StartOptions`. `certificates`: the folder
    of `StartOptions.tls`. Key names that earlier versions wrote are still read.

    Of an installation of containers only (deploy/compose): `addresses`: process name → host:port; `origin`: of the pages; `issuer`: of the
    sign-ins that commands prove; `trusted`: the authorities (PEM) that its certificates are verified with; `temporal_client`: the folder
    of `ca.pem`, `temporal.pem` and `temporal.key`, with which Temporal is reached.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True)

    clock_real: datetime
    clock_programme: datetime
    day_seconds: int
    hash_key: str
    signing_key: str = ""
    provider_secret: str = ""
    master_keys_made: bool = False
    passwords: dict[str, str]
    signing_keys: dict[str, str] = {}
    event_public_keys: dict[str, tuple[str, ...]] = {}
    ports: dict[str, int]
    broker: BrokerKind = BrokerKind.TANSU
    brokers: int = 1
    port_overrides: dict[str, int] = Field(default={}, validation_alias=AliasChoices("port_overrides", "links"))
    regions: Path | None = None
    hosts: tuple[str, ...] = ()
    certificates: Path | None = None
    temporal_pages: bool = False
    compact: bool = False
    addresses: dict[str, str] = {}
    origin: str = ""
    issuer: str = ""
    trusted: Path | None = None
    temporal_client: Path | None = None

    @property
    def of_containers(self) -> bool:
        """Whether the platform runs as containers: no command of ours starts or stops it."""
        return bool(self.addresses)

    @property
    def clock(self) -> ProgrammeClock:
        return ProgrammeClock(self.day_seconds, self.clock_real, self.clock_programme)

    @property
    def gateway(self) -> str:
        """The platform's single public address, without a slash at the end."""
        return self.origin or f"{'https' if self.certificates else 'http'}://{self.address_of('caddy')}"

    @property
    def origins(self) -> tuple[str, ...]:
        """The addresses under which people reach the pages."""
        if self.origin:
            return (self.origin,)
        scheme, port = self.gateway.partition("://")[0], self.address_of("caddy").rpartition(":")[2]
        return tuple(f"{scheme}://{host}:{port}" for host in (*OWN_HOSTS, *self.hosts))

    @property
    def provider(self) -> str:
        """The issuer of the demonstration's identity provider."""
        return self.issuer or f"http://{self.address_of('provider')}"

    @property
    def mailbox(self) -> str:
        """The pages of the demonstration's mailbox, for who sits at this machine."""
        return f"http://{self.address_of('mailbox')}"

    @property
    def trust(self) -> ssl.SSLContext | None:
        """What a client of `gateway` on this machine verifies with: the configured certificate and no other, whatever name it has."""
        if self.trusted is not None:
            return ssl.create_default_context(cafile=self.trusted)
        if self.certificates is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certificates / "certificate.pem")
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.check_hostname = False
        return context

    @property
    def temporal_pages_address(self) -> str | None:
        """The pages of Temporal, for an operator on this machine: they ask for no token and can change lifecycles. None when off."""
        return f"http://{self.address_of('temporal-ui')}/namespaces/{NAMESPACE}/workflows" if self.temporal_pages else None

    @property
    def policies(self) -> Path:
        """The folder of policies and calls."""
        return self.regions or REGIONS

    def address_of(self, name: str) -> str:
        """Host and port that the clients of a server use."""
        return self.addresses.get(name) or f"{LOOPBACK}:{self.port_overrides.get(name, self.ports[name])}"

    @property
    def temporal(self) -> str:
        return self.address_of("temporal")

    @property
    def broker_names(self) -> tuple[str, ...]:
        """Process names of the brokers. Several brokers also elect a leader, each on a second port (see `controller_name`)."""
        return ("broker",) if self.brokers == 1 else tuple(f"broker-{number}" for number in range(1, self.brokers + 1))

    @property
    def kafka(self) -> str:
        """The bootstrap addresses of the brokers."""
        return ",".join(self.address_of(name) for name in self.broker_names)

    @property
    def broker_profile(self) -> BrokerProfile:
        return profile_of(self.broker, self.brokers)

    @property
    def signers(self) -> dict[str, Signer]:
        """Service → what signs its events, for tools that publish a service's events again."""
        return {service: Signer(service, key) for service, key in self.signing_keys.items()}

    def database_url(self, database: str, role: str | None = None, driver: str = "postgresql+asyncpg") -> str:
        """URL of a service's database, for the service's runtime role unless `role` names another."""
        role = role or database
        return f"{driver}://{role}:{self.passwords[role]}@{self.address_of('postgres')}/{database}"

    def owner_url(self, service: str, driver: str = "postgresql+asyncpg") -> str:
        """URL of a service's database, for its owner: migrations, and what a restore changes."""
        return self.database_url(service, owner_of(service), driver)

    def verify_url(self, service: str, driver: str = "postgresql+asyncpg") -> str:
        """URL of a service's database, for the read-only role of `triptych verify`."""
        return self.database_url(service, VERIFY_ROLE, driver)


def load_state(data: DataDirectory) -> State | None:
    """Returns None before the first start."""
    return read_state(data) if data.state_file.exists() else None


def read_state(data: DataDirectory) -> State:
    """Raises `FileNotFoundError` when the platform was never started here and no backup was restored."""
    return State.model_validate_json(data.state_file.read_text())


def prepare_state(data: DataDirectory, processes: Collection[str], options: StartOptions = UNCHANGED) -> State:
    """Writes and returns the state for the next start: the last one (a new one at the first start) with `options` applied and with
    a free port for each of `processes` and each broker.

    Raises `ProcessFailed` when a port override names no process, or when the overridden process cannot keep its port, or
    when the master keys are missing, or when the options set another programme clock.
    """
    known = load_state(data)
    ensure_master_keys(data, expected=known is not None and known.master_keys_made)
    last = with_all_secrets(_new_state(options) if known is None else _same_clock(known, options))
    broker, brokers = _brokers(last, options)
    state = _with_new_keys(last, set(SERVICES) - last.signing_keys.keys()).model_copy(
        update={
            "broker": broker,
            "brokers": brokers,
            "regions": options.regions.resolve() if options.regions else last.regions,
            "hosts": last.hosts if options.hosts is None else options.hosts,
            "certificates": _certificates(last, options),
            "temporal_pages": last.temporal_pages if options.temporal_pages is None else options.temporal_pages,
            "compact": last.compact if options.compact is None else options.compact,
        }
    )
    names = [*processes, *state.broker_names, *(controller_name(name) for name in state.broker_names if brokers > 1)]
    overrides = _port_overrides(last, names, options.port_overrides)
    ports = _ports(names, {"caddy": GATEWAY_PORT} | last.ports, overrides, options.gateway_port)
    state = state.model_copy(update={"port_overrides": overrides, "ports": ports})
    write_state(data.state_file, state)
    return state


def begin_programme(data: DataDirectory, delay: timedelta) -> None:
    """Sets the start of the programme clock to now plus `delay` (real time). Only for a platform that has no events yet."""
    write_state(data.state_file, read_state(data).model_copy(update={"clock_real": datetime.now(UTC) + delay}))


def rotate_keys(data: DataDirectory, services: Collection[str]) -> None:
    """Gives each of the services a new key for its events; the old public keys are still accepted. For a stopped platform."""
    write_state(data.state_file, _with_new_keys(read_state(data), services))


def retire_keys(data: DataDirectory, services: Collection[str]) -> None:
    """Withdraws all public keys of the services but the present ones. For a stopped platform, whose relays publish their logs again."""
    state = read_state(data)
    present = {service: state.event_public_keys[service][-1:] for service in services}
    write_state(data.state_file, state.model_copy(update={"event_public_keys": state.event_public_keys | present}))


def changes_broker(state: State, options: StartOptions) -> bool:
    """True when a start with `options` would use another kind or number of brokers."""
    return _brokers(state, options) != (state.broker, state.brokers)


def controller_name(broker: str) -> str:
    """The name of the port on which the other brokers reach this one for leader election."""
    return f"{broker}-controller"


def _brokers(last: State, options: StartOptions) -> tuple[BrokerKind, int]:
    """Another kind of broker starts with one process, unless the options give a number."""
    kind = options.broker or last.broker
    number = options.brokers or (last.brokers if kind is last.broker else 1)
    if number > 1 and kind is not BrokerKind.KAFKA:
        raise ProcessFailed("Only Apache Kafka runs as several brokers (--broker kafka).")
    return kind, number


def _certificates(last: State, options: StartOptions) -> Path | None:
    if options.tls is None or options.tls == NO_TLS:
        return last.certificates if options.tls is None else None
    folder = Path(options.tls).resolve()
    missing = [name for name in ("certificate.pem", "key.pem") if not (folder / name).is_file()]
    if missing:
        raise ProcessFailed(f"{folder} has no {' and no '.join(missing)}.")
    return folder


def _with_new_keys(state: State, services: Collection[str]) -> State:
    private = {service: generate_private_key() for service in services}
    public = {name: (*state.event_public_keys.get(name, ()), Signer(name, key).public_key) for name, key in private.items()}
    keys = {"signing_keys": state.signing_keys | private, "event_public_keys": state.event_public_keys | public}
    return state.model_copy(update=keys)


def _same_clock(state: State, options: StartOptions) -> State:
    asked = (options.day_seconds or state.day_seconds, options.programme_date or state.clock_programme.date())
    if asked != (state.day_seconds, state.clock_programme.date()):
        raise ProcessFailed("The programme clock is set at the first start: use another data directory (TRIPTYCH_HOME), or `make clean`.")
    return state


def _new_state(options: StartOptions) -> State:
    begins = options.programme_date
    return State(
        clock_real=datetime.now(UTC),
        clock_programme=datetime.combine(begins, time(), UTC) if begins else PROGRAMME_START,
        day_seconds=options.day_seconds or int(os.environ.get("TRIPTYCH_DAY_SECONDS", "1")),
        hash_key=secrets.token_hex(32),
        passwords={},
        ports={},
    )


def with_all_secrets(state: State) -> State:
    """The state with every secret: a state that an earlier version wrote lacks newer ones."""
    new = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *ROLES)}
    signing_key = state.signing_key or secrets.token_hex(32)
    secret = state.provider_secret or secrets.token_urlsafe(24)
    made = {"passwords": new | state.passwords, "signing_key": signing_key, "provider_secret": secret, "master_keys_made": True}
    return state.model_copy(update=made)


def _port_overrides(last: State, processes: Collection[str], chosen: Mapping[str, int] | None) -> dict[str, int]:
    if chosen is None:
        return {name: port for name, port in last.port_overrides.items() if name in processes}
    unknown = set(chosen) - set(processes)
    if unknown:
        raise ProcessFailed(f"A port override for {', '.join(sorted(unknown))}: the processes are {', '.join(processes)}.")
    return dict(chosen)


def _ports(processes: Collection[str], last: Mapping[str, int], overrides: Mapping[str, int], gateway_port: int | None) -> dict[str, int]:
    ports = {"caddy": gateway_port} if gateway_port else {}
    for name in processes:
        if name not in ports:
            ports[name] = _port(name, last.get(name), {*ports.values(), *overrides.values()}, fixed=name in overrides)
    return ports


def _port(name: str, last: int | None, taken: set[int], *, fixed: bool) -> int:
    """The port of the last start while it is free, else a new one. `fixed`: something forwards to it, so it must not change."""
    if last is not None and last not in taken and claim(last):
        return last
    if last is not None and fixed:
        raise ProcessFailed(f"Port {last} of {name} has a port override and is taken by another process.")
    port = free_port(taken)
    return port if claim(port) else _port(name, None, taken, fixed=False)


def write_state(path: Path, state: State) -> None:
    """Replaces the file in one step; only the owner can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(state.model_dump_json(indent=2))
    temporary.replace(path)
