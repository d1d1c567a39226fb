"""What differs between the brokers. TRIPTYCH_BROKER (which) and TRIPTYCH_BROKERS (how many) choose; TRIPTYCH_KAFKA_* secure it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


class BrokerKind(StrEnum):
    KAFKA = "kafka"
    TANSU = "tansu"


class KafkaSecurity(StrEnum):
    """Protocols of a listener, by Kafka's names. Passwords are checked by SCRAM-SHA-512. Only SASL_SSL is accepted beyond this machine."""

    PLAINTEXT = "PLAINTEXT"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


@dataclass(frozen=True, slots=True)
class Principal:
    """How a client proves who it is to the broker. `tls`: connections are encrypted, and the broker proves its name by a certificate
    of `ca` (a PEM file; None: the authorities that the system trusts)."""

    user: str
    password: str = field(repr=False)
    tls: bool = True
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class BrokerProfile:
    """Options of clients and topics for one kind of broker. `principal` None: the broker asks nobody who they are.

    `retention` is how long a consumer may be offline without missing an event; the outbox keeps all of them.
    """

    idempotent: bool
    fetch_wait_ms: int
    partitions: int = 4
    replication: int = 1
    min_insync_replicas: int = 1
    retention: timedelta = timedelta(days=30)
    principal: Principal | None = None

    @property
    def topic_settings(self) -> dict[str, str]:
        milliseconds = self.retention // timedelta(milliseconds=1)
        return {"min.insync.replicas": str(self.min_insync_replicas), "retention.ms": str(milliseconds), "cleanup.policy": "delete"}


PROFILES = {
    BrokerKind.KAFKA: BrokerProfile(idempotent=True, fetch_wait_ms=500),
    # The embedded broker refuses idempotent producers, works on a fetch all the time that it waits, and creates a topic that a
    # client asks for with four partitions, which is why four is the number everywhere. See docs/decisions/0006.
    BrokerKind.TANSU: BrokerProfile(idempotent=False, fetch_wait_ms=250),
}


def profile_of(kind: BrokerKind, brokers: int = 1) -> BrokerProfile:
    """The profile for a cluster: with three brokers or more, three replicas of which two must acknowledge, so one may be lost."""
    return replace(PROFILES[kind], replication=3, min_insync_replicas=2) if brokers >= 3 else PROFILES[kind]
