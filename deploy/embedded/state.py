"""What an embedded platform keeps from its first start on: secrets, ports, what was chosen, the anchor of its programme clock."""

import os
import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.databases import SERVICES, VERIFY_ROLE
from deploy.embedded.ports import LOOPBACK, claim, free_port
from deploy.embedded.process import ProcessFailed
from shared.kernel.clock import ProgrammeClock
from shared.messaging.profile import BrokerKind

PROGRAMME_START = datetime(2025, 12, 1, tzinfo=UTC)
GATEWAY_PORT = 8080
SUPERUSER = "postgres"


class StartOptions(BaseModel):
    """What whoever starts a platform may choose; None leaves a thing as it was last time.

    `links`: name of a server → the port on this machine where its clients reach it, instead of the one it listens on; whoever
    sets one has something there that passes connections on. `{}` takes all links away. `regions`: the folder of the policies.
    """

    model_config = ConfigDict(frozen=True)

    gateway_port: int | None = None
    broker: BrokerKind | None = None
    brokers: Literal[1, 3] | None = None
    port_overrides: dict[str, int] | None = None
    regions: Path | None = None


UNCHANGED = StartOptions()


class State(BaseModel):
    """`passwords` by role of PostgreSQL, `ports` by name of process; `hash_key` is hex. `links` and `regions`: see `Choice`."""

    model_config = ConfigDict(frozen=True)

    clock_real: datetime
    clock_programme: datetime
    day_seconds: int
    hash_key: str
    passwords: dict[str, str]
    ports: dict[str, int]
    broker: BrokerKind = BrokerKind.TANSU
    brokers: int = 1
    port_overrides: dict[str, int] = {}
    regions: Path | None = None

    @property
    def clock(self) -> ProgrammeClock:
        return ProgrammeClock(self.day_seconds, self.clock_real, self.clock_programme)

    @property
    def gateway(self) -> str:
        """The one address of the platform, without a slash at the end."""
        return f"http://{self.address_of('caddy')}"

    @property
    def policies(self) -> Path:
        """The folder of policies and calls."""
        return self.regions or REGIONS

    def address_of(self, name: str) -> str:
        """Host and port where clients of a server reach it."""
        return f"{LOOPBACK}:{self.port_overrides.get(name, self.ports[name])}"

    @property
    def temporal(self) -> str:
        return self.address_of("temporal")

    @property
    def broker_names(self) -> tuple[str, ...]:
        """Of their processes. Several of them also vote about who leads, at the port `controller_of` their name."""
        return ("broker",) if self.brokers == 1 else tuple(f"broker-{number}" for number in range(1, self.brokers + 1))

    @property
    def kafka(self) -> str:
        """The bootstrap addresses."""
        return ",".join(self.address_of(name) for name in self.broker_names)

    def database_url(self, database: str, role: str | None = None, driver: str = "postgresql+asyncpg") -> str:
        """Of a service's database, as its own role or another."""
        role = role or database
        return f"{driver}://{role}:{self.passwords[role]}@{self.address_of('postgres')}/{database}"

    def verify_url(self, service: str, driver: str = "postgresql+asyncpg") -> str:
        """Of a service's database, for the role that reads all and writes nothing."""
        return self.database_url(service, VERIFY_ROLE, driver)


def load_state(data: DataDirectory) -> State | None:
    """None before the first start."""
    return read_state(data) if data.state_file.exists() else None


def read_state(data: DataDirectory) -> State:
    """Of a home that has been started, or made of a backup. Raises `FileNotFoundError` for another."""
    return State.model_validate_json(data.state_file.read_text())


def prepare_state(data: DataDirectory, processes: Collection[str], options: StartOptions = UNCHANGED) -> State:
    """The state to start with: as it was, made new at the first start, with what is chosen and a free port for each of `processes`
    and each broker.

    Raises `ProcessFailed` when a link would lead nowhere.
    """
    kept = load_state(data) or _new_state()
    broker, brokers = _brokers(kept, options)
    state = kept.model_copy(
        update={"broker": broker, "brokers": brokers, "regions": options.regions.resolve() if options.regions else kept.regions}
    )
    names = [*processes, *state.broker_names, *(controller_name(name) for name in state.broker_names if brokers > 1)]
    port_overrides = _port_overrides(kept, names, options.port_overrides)
    ports = _ports(names, {"caddy": GATEWAY_PORT} | kept.ports, port_overrides, options.gateway_port)
    state = state.model_copy(update={"links": port_overrides, "ports": ports})
    _write(data.state_file, state)
    return state


def begin_programme(data: DataDirectory, after: timedelta) -> None:
    """The programme begins so long (real time) from now: for a platform on which nothing has happened yet."""
    _write(data.state_file, read_state(data).model_copy(update={"clock_real": datetime.now(UTC) + after}))


def changes_broker(kept: State, options: StartOptions) -> bool:
    return _brokers(kept, options) != (kept.broker, kept.brokers)


def controller_name(broker: str) -> str:
    """The name of the port where a broker's vote is reached by the others."""
    return f"{broker}-controller"


def _brokers(kept: State, options: StartOptions) -> tuple[BrokerKind, int]:
    """Another kind of broker starts as one, unless its number is said."""
    kind = options.broker or kept.broker
    number = options.brokers or (kept.brokers if kind is kept.broker else 1)
    if number > 1 and kind is not BrokerKind.KAFKA:
        raise ProcessFailed("Only Apache Kafka runs as several brokers (--broker kafka).")
    return kind, number


def _new_state() -> State:
    return State(
        clock_real=datetime.now(UTC),
        clock_programme=PROGRAMME_START,
        day_seconds=int(os.environ.get("TRIPTYCH_DAY_SECONDS", "1")),
        hash_key=secrets.token_hex(32),
        passwords={role: secrets.token_urlsafe(24) for role in (SUPERUSER, *SERVICES, VERIFY_ROLE)},
        ports={},
    )


def _port_overrides(kept: State, processes: Collection[str], chosen: Mapping[str, int] | None) -> dict[str, int]:
    if chosen is None:
        return {name: port for name, port in kept.port_overrides.items() if name in processes}
    unknown = set(chosen) - set(processes)
    if unknown:
        raise ProcessFailed(f"A link to {', '.join(sorted(unknown))}: there is {', '.join(processes)}.")
    return dict(chosen)


def _ports(
    processes: Collection[str], last: Mapping[str, int], port_overrides: Mapping[str, int], gateway_port: int | None
) -> dict[str, int]:
    ports = {"caddy": gateway_port} if gateway_port else {}
    for name in processes:
        if name not in ports:
            ports[name] = _port(name, last.get(name), {*ports.values(), *port_overrides.values()}, fixed=name in port_overrides)
    return ports


def _port(name: str, last: int | None, taken: set[int], *, fixed: bool) -> int:
    """The port of last time if nobody took it meanwhile. `fixed`: a link leads to it, so it cannot be another."""
    if last is not None and last not in taken and claim(last):
        return last
    if last is not None and fixed:
        raise ProcessFailed(f"Port {last} of {name}, where a link leads, is taken.")
    port = free_port(taken)
    return port if claim(port) else _port(name, None, taken, fixed=False)


def _write(path: Path, state: State) -> None:
    """Whole or not at all; only the owner reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(state.model_dump_json(indent=2))
    fresh.replace(path)
