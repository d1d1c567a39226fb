"""Settings, read from the environment. Each service has one frozen class based on `ServiceSettings`; nothing else reads the
environment."""

from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.messaging.profile import BrokerKind, BrokerProfile, profile_of


def _unchanged_on_its_way(url: str) -> str:
    """ValueError for an address whose answer others could replace."""
    parts = urlsplit(url)
    if parts.scheme in ("https", "file") or (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        return url
    raise ValueError("the address of the signing keys has to be https, a file, or http on this machine")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ClockSettings(BaseSettings):
    """The programme clock's numbers: real seconds a programme day, and the anchor (ISO instants). Defaults: real time."""

    model_config = SettingsConfigDict(env_prefix="TRIPTYCH_", frozen=True, extra="ignore")

    day_seconds: int = DAY_SECONDS
    clock_real: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    clock_programme: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def clock(self) -> ProgrammeClock:
        return ProgrammeClock(self.day_seconds, self.clock_real, self.clock_programme)


class ServiceSettings(ClockSettings):
    """Settings of every service process. Addresses have no default: a process without them does not start.

    `jwks_url` is https, a file, or http on this machine: a client that replaces the keys on their way can be anybody. `gateway`: the
    addresses from which the gateway sends requests, with commas between them. The rates are requests a second, to one process, of one
    client address and of one account; many persons may share an address.
    """

    database_url: str
    kafka: str
    broker: BrokerKind = BrokerKind.KAFKA
    brokers: int = 1
    jwks_url: Annotated[str, AfterValidator(_unchanged_on_its_way)]
    issuer: str
    audience: str
    regions: Path
    hash_key: SecretStr
    host: str = "127.0.0.1"
    port: int = 8000
    database_pool: int = 10
    gateway: str = "127.0.0.1"
    address_per_second: PositiveInt = 100
    address_burst: PositiveInt = 1_000
    account_per_second: PositiveInt = 50
    account_burst: PositiveInt = 500

    @property
    def broker_profile(self) -> BrokerProfile:
        return profile_of(self.broker, self.brokers)

    @property
    def hash_key_bytes(self) -> bytes:
        """The key of `shared.kernel.ids.keyed_hash`, given as hex."""
        return bytes.fromhex(self.hash_key.get_secret_value())
