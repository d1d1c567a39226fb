"""Settings, read from the environment. Each service has one frozen class based on `ServiceSettings`; nothing else reads the
environment."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, NonNegativeFloat, PositiveInt, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.database.sealing import Sealer
from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.messaging.profile import BrokerKind, BrokerProfile, KafkaSecurity, Principal, profile_of
from shared.messaging.signature import PublicKeys, Signer


def unchanged_on_its_way(url: str) -> str:
    """ValueError for an address whose answer others could replace."""
    parts = urlsplit(url)
    if parts.scheme in ("https", "file") or (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
        return url
    raise ValueError("the address of the signing keys has to be https, a file, or http on this machine")


def is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


FOLDERS = tuple(folder for folder in ("/programme/clock", "/run/secrets", "/run/own") if Path(folder).is_dir())
"""Of containers: a file in them is a setting of its name (`triptych_hash_key`). A variable of the environment counts before it, and a file
of a later folder before one of an earlier."""


class ClockSettings(BaseSettings):
    """The programme clock's numbers: real seconds a programme day, and the anchor (ISO instants). Defaults: real time."""

    model_config = SettingsConfigDict(
        env_prefix="TRIPTYCH_", frozen=True, extra="ignore", hide_input_in_errors=True, secrets_dir=FOLDERS or None
    )

    day_seconds: int = DAY_SECONDS
    clock_real: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    clock_programme: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def clock(self) -> ProgrammeClock:
        return ProgrammeClock(self.day_seconds, self.clock_real, self.clock_programme)


def collector_address(url: str) -> str:
    """ValueError for what is no http address."""
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ValueError("TRIPTYCH_OTLP is the address of a collector, such as http://otel-collector:4318")
    return url.rstrip("/")


class ServedSettings(ClockSettings):
    """Where a process serves HTTP. `gateway`: the addresses from which the gateway sends requests, with commas between them.
    `drain_seconds`: for how long it still answers after SIGTERM, closing each connection that is used meanwhile.

    `otlp`: the address to which traces and measurements are sent (OTLP over HTTP, without its path); empty: tracing is off. `otlp_share`:
    how many of the traces that begin here are recorded, 0 to 1.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    gateway: str = "127.0.0.1"
    otlp: Annotated[str, AfterValidator(collector_address)] = ""
    otlp_share: Annotated[float, Field(ge=0, le=1)] = 1
    drain_seconds: NonNegativeFloat = 0


class ServiceSettings(ServedSettings):
    """Settings of every service process. Addresses and keys have no default: a process without them does not start.

    `jwks_url` is https, a file, or http on this machine: a client that replaces the keys on their way can be anybody. The rates are
    requests a second, to one process, of one client address and of one account; many persons may share an address.

    `event_signing_key`: this service's private key. `event_public_keys`: service → its public keys, of which each is accepted (JSON in
    the environment). Keys are hex (`shared.messaging.signature`). A broker that is not on this machine needs `kafka_security` SASL_SSL
    with `kafka_user` and `kafka_password`; `kafka_ca` is a PEM file, needed when the system does not trust the broker's authority.

    `master_keys`: 32 bytes in hex, with commas between several. The first one encrypts what the database holds of persons and
    organisations, the others only decrypt. They are this service's own, and in no backup.

    `anchors`: the folder for the heads of the hash chains, on another disk than the database (`shared/messaging/anchors.py`).

    `worker_port`, `lifecycles_port`: of the health addresses of workers that are in one process with the API (`compact.py` of each
    service); a worker in a process of its own has `port`.
    """

    database_url: str
    kafka: str
    broker: BrokerKind = BrokerKind.KAFKA
    brokers: int = 1
    kafka_security: KafkaSecurity = KafkaSecurity.PLAINTEXT
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca: Path | None = None
    event_signing_key: SecretStr
    event_public_keys: dict[str, tuple[str, ...]]
    jwks_url: Annotated[str, AfterValidator(unchanged_on_its_way)]
    revocations_url: Annotated[str, AfterValidator(unchanged_on_its_way)]
    issuer: str
    audience: str
    regions: Path
    anchors: Path
    hash_key: SecretStr
    master_keys: SecretStr
    database_pool: int = 10
    address_per_second: PositiveInt = 100
    address_burst: PositiveInt = 1_000
    account_per_second: PositiveInt = 50
    account_burst: PositiveInt = 500
    security_log: Path | None = None
    worker_port: int = 8001
    lifecycles_port: int = 8002

    @model_validator(mode="after")
    def _broker_is_secured(self) -> Self:
        remote = [address for address in self.kafka.split(",") if not _is_loopback(address)]
        if remote and self.kafka_security is not KafkaSecurity.SASL_SSL:
            raise ValueError(
                f"The broker at {', '.join(remote)} is not on this machine: set TRIPTYCH_KAFKA_SECURITY=SASL_SSL, TRIPTYCH_KAFKA_USER, "
                "TRIPTYCH_KAFKA_PASSWORD and, unless the system trusts the broker's certificate, TRIPTYCH_KAFKA_CA."
            )
        if self.kafka_security is not KafkaSecurity.PLAINTEXT and not (self.kafka_user and self.kafka_password.get_secret_value()):
            raise ValueError(f"TRIPTYCH_KAFKA_SECURITY={self.kafka_security} needs TRIPTYCH_KAFKA_USER and TRIPTYCH_KAFKA_PASSWORD.")
        return self

    @property
    def broker_profile(self) -> BrokerProfile:
        profile = profile_of(self.broker, self.brokers)
        if self.kafka_security is KafkaSecurity.PLAINTEXT:
            return profile
        password, tls = self.kafka_password.get_secret_value(), self.kafka_security is KafkaSecurity.SASL_SSL
        return replace(profile, principal=Principal(self.kafka_user, password, tls, self.kafka_ca))

    @property
    def public_keys(self) -> PublicKeys:
        return PublicKeys(self.event_public_keys)

    def signer(self, service: str) -> Signer:
        """Signs the service's events. ValueError when `event_public_keys` lacks its key: every consumer would refuse what it signs."""
        return self.public_keys.signer_for(service, self.event_signing_key.get_secret_value())

    @property
    def sealer(self) -> Sealer:
        return sealer_of(self.master_keys, self.hash_key_bytes)

    @property
    def hash_key_bytes(self) -> bytes:
        """The key of `shared.kernel.ids.keyed_hash`, given as hex. All services have the same: it makes a person's pseudonym."""
        return bytes.fromhex(self.hash_key.get_secret_value())


def sealer_of(keys: SecretStr, hash_key: bytes = b"") -> Sealer:
    return Sealer([bytes.fromhex(key) for key in keys.get_secret_value().split(",")], hash_key)


def _is_loopback(address: str) -> bool:
    """Whether 'host:port' is on this machine by its text alone: a name that would have to be resolved is not."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
