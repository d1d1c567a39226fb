"""CloudEvents 1.0 in Kafka binary mode: the attributes are headers, the body is the event's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

SOURCE = "triptych/{service}"


def headers_of(service: str, row: Mapping[str, object]) -> list[tuple[str, bytes]]:
    """The Kafka headers of an outbox row. Extension names are lower case without separators (CloudEvents 1.0, 3.1)."""
    time = row["time"]
    assert isinstance(time, datetime)
    values = {
        "ce_specversion": "1.0",
        "ce_id": row["event_id"],
        "ce_source": SOURCE.format(service=service),
        "ce_type": row["type"],
        "ce_time": time.isoformat(),
        "ce_subject": row["key"],
        "ce_actor": row["actor"],
        "ce_reason": row["reason"],
        "ce_policyid": row["policy_id"],
        "ce_correlationid": row["correlation_id"],
        "ce_causationid": row["causation_id"],
        "content-type": "application/json",
    }
    return [(name, str(value).encode()) for name, value in values.items() if value not in (None, "")]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as received. Nothing is parsed yet, so that even an unreadable one can be stored."""

    topic: str
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("ce_type", "")

    @property
    def id(self) -> UUID:
        """ValueError or KeyError when the message has none; such a message is a dead letter."""
        return UUID(self.headers["ce_id"])

    @property
    def unlocks(self) -> set[str]:
        """Ids that parked events may wait for and that this message is about."""
        return {self.headers.get("ce_subject", ""), self.headers.get("ce_correlationid", "")} - {""}
