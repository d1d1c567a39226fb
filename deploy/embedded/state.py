"""What an embedded platform keeps from its first start on: secrets, ports and the anchor of its programme clock."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from deploy.embedded.databases import SERVICES, VERIFY_ROLE
from deploy.embedded.home import Home
from deploy.embedded.ports import LOOPBACK, free_port, is_free
from shared.kernel.clock import ProgrammeClock
from shared.messaging.profile import BrokerKind

PROGRAMME_START = datetime(2025, 12, 1, tzinfo=UTC)
START_UP = timedelta(seconds=15)
"""Real time that the first start is given before the programme begins, so that its first days are not spent on starting."""
GATEWAY_PORT = 8080
SUPERUSER = "postgres"


class State(BaseModel):
    """`passwords` by role of PostgreSQL, `ports` by name of process; `hash_key` is hex."""

    model_config = ConfigDict(frozen=True)

    clock_real: datetime
    clock_programme: datetime
    day_seconds: int
    hash_key: str
    passwords: dict[str, str]
    ports: dict[str, int]
    broker: BrokerKind = BrokerKind.TANSU

    @property
    def clock(self) -> ProgrammeClock:
        return ProgrammeClock(self.day_seconds, self.clock_real, self.clock_programme)

    @property
    def gateway(self) -> str:
        """The one address of the platform, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.ports['caddy']}"

    @property
    def temporal(self) -> str:
        return f"{LOOPBACK}:{self.ports['temporal']}"

    @property
    def kafka(self) -> str:
        return f"{LOOPBACK}:{self.ports['broker']}"

    def database_url(self, database: str, role: str | None = None, driver: str = "postgresql+asyncpg") -> str:
        """Of a service's database, as its own role or another."""
        role = role or database
        return f"{driver}://{role}:{self.passwords[role]}@{LOOPBACK}:{self.ports['postgres']}/{database}"

    def verify_url(self, service: str, driver: str = "postgresql+asyncpg") -> str:
        """Of a service's database, for the role that reads all and writes nothing."""
        return self.database_url(service, VERIFY_ROLE, driver)


def load(home: Home) -> State | None:
    """None before the first start."""
    return State.model_validate_json(home.state.read_text()) if home.state.exists() else None


def prepare(home: Home, processes: tuple[str, ...], gateway_port: int | None = None, broker: BrokerKind | None = None) -> State:
    """The state to start with: as it was, made new at the first start, with a free port for every one of `processes`.

    `broker`: the one to run on from now on, None for that of last time.
    """
    kept = load(home) or _new_state()
    ports = {name: _port(kept.ports.get(name)) for name in processes}
    ports["caddy"] = gateway_port or _port(kept.ports.get("caddy", GATEWAY_PORT))
    state = kept.model_copy(update={"ports": ports, "broker": broker or kept.broker})
    _write(home.state, state)
    return state


def _new_state() -> State:
    return State(
        clock_real=datetime.now(UTC) + START_UP,
        clock_programme=PROGRAMME_START,
        day_seconds=int(os.environ.get("TRIPTYCH_DAY_SECONDS", "1")),
        hash_key=secrets.token_hex(32),
        passwords={role: secrets.token_urlsafe(24) for role in (SUPERUSER, *SERVICES, VERIFY_ROLE)},
        ports={},
    )


def _port(last: int | None) -> int:
    """The port of last time if nobody took it meanwhile."""
    return last if last is not None and is_free(last) else free_port()


def _write(path: Path, state: State) -> None:
    """Whole or not at all; only the owner reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(state.model_dump_json(indent=2))
    fresh.replace(path)
