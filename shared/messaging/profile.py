"""What differs between the brokers. Two settings choose: TRIPTYCH_BROKER (which) and TRIPTYCH_BROKERS (how many)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class BrokerKind(StrEnum):
    KAFKA = "kafka"
    TANSU = "tansu"


@dataclass(frozen=True, slots=True)
class BrokerProfile:
    """Options of clients and topics for one kind of broker.

    `retention` is how long a consumer may be offline without missing an event; the outbox keeps all of them.
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
    # The embedded broker refuses idempotent producers, answers a fetch only when its wait is over, and creates a topic that a
    # client asks for with four partitions, which is why four is the number everywhere. See docs/decisions/0006.
    BrokerKind.TANSU: BrokerProfile(idempotent=False, fetch_wait_ms=20),
}


def profile_of(kind: BrokerKind, brokers: int = 1) -> BrokerProfile:
    """The profile for a cluster: with three brokers or more, three replicas of which two must acknowledge, so one may be lost."""
    return replace(PROFILES[kind], replication=3, min_insync_replicas=2) if brokers >= 3 else PROFILES[kind]
