"""Settings, read from the environment. Each service has one frozen class based on `ServiceSettings`; nothing else reads the
environment."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.messaging.profile import BrokerKind, BrokerProfile, profile_of


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

    `anchors`: the folder for the heads of the hash chains, on another disk than the database (shared/messaging/anchors.py).
    """

    database_url: str
    kafka: str
    broker: BrokerKind = BrokerKind.KAFKA
    brokers: int = 1
    jwks_url: str
    issuer: str
    audience: str
    regions: Path
    anchors: Path
    hash_key: SecretStr
    host: str = "127.0.0.1"
    port: int = 8000
    database_pool: int = 10

    @property
    def broker_profile(self) -> BrokerProfile:
        return profile_of(self.broker, self.brokers)

    @property
    def sealing_key_bytes(self) -> bytes:
        """The key of `shared.database.sealing`; a service that seals nothing has none."""
        return b""

    @property
    def hash_key_bytes(self) -> bytes:
        """The key of `shared.kernel.ids.keyed_hash`, given as hex."""
        return bytes.fromhex(self.hash_key.get_secret_value())
