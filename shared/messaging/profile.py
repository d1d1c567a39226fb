"""What differs between the brokers, in one place, chosen by two settings: TRIPTYCH_BROKER, and TRIPTYCH_BROKERS for how many."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class BrokerKind(StrEnum):
    KAFKA = "kafka"
    TANSU = "tansu"


@dataclass(frozen=True, slots=True)
class BrokerProfile:
    """What our clients and topics ask of a broker.

    `retention` is how long a consumer may be away without missing an event; the outbox keeps all of them for ever.
    """

    idempotent: bool
    fetch_wait_ms: int
    partitions: int = 4
    replication: int = 1
    min_insync_replicas: int = 1
    retention: timedelta = timedelta(days=30)

    @property
    def topic_settings(self) -> dict[str, str]:
        milliseconds = self.retention // timedelta(milliseconds=1)
        return {"min.insync.replicas": str(self.min_insync_replicas), "retention.ms": str(milliseconds), "cleanup.policy": "delete"}


PROFILES = {
    BrokerKind.KAFKA: BrokerProfile(idempotent=True, fetch_wait_ms=500),
    # The embedded broker refuses idempotent producers, answers a waiting fetch only when the wait is over, and makes a topic
    # that somebody asks for with four partitions: so do we. See docs/decisions/0006.
    BrokerKind.TANSU: BrokerProfile(idempotent=False, fetch_wait_ms=20),
}


def profile_of(kind: BrokerKind, brokers: int = 1) -> BrokerProfile:
    """Of three brokers and more, three have every event, and it counts once two of them do: any one may be lost."""
    return replace(PROFILES[kind], replication=3, min_insync_replicas=2) if brokers >= 3 else PROFILES[kind]
