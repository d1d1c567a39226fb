"""CloudEvents 1.0 in Kafka binary mode: the attributes are headers, the body is the event's JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.messaging.signature import EventRefused, Message, Signer

SOURCE = "triptych/{service}"
TRACEPARENT = "ce_traceparent"
"""The extension for distributed tracing of CloudEvents: the trace goes on from where the event was written."""


def message_of(signer: Signer, row: Mapping[str, Any]) -> dict[str, Any]:
    """The message of an outbox row that is sent alone, as the arguments of a Kafka producer's `send`."""
    return arguments_of(*messages_of(signer, [row]))


def messages_of(signer: Signer, rows: Sequence[Mapping[str, Any]]) -> list[Message]:
    """The messages of outbox rows, signed together.

    They are signed each time they are sent, so a message that is published again after a change of keys has the present key.
    """
    unsigned = [(row["topic"], str(row["key"]).encode(), headers_of(signer.service, row), row["body"].encode()) for row in rows]
    signed = zip(unsigned, signer.signed_batch(unsigned), strict=True)
    return [(topic, key, headers, body) for (topic, key, _, body), headers in signed]


def arguments_of(message: Message) -> dict[str, Any]:
    """The message as the arguments of a Kafka producer's `send`."""
    topic, key, headers, body = message
    return {"topic": topic, "key": key, "value": body, "headers": [(name, value.encode()) for name, value in headers.items()]}


def headers_of(service: str, row: Mapping[str, Any]) -> dict[str, str]:
    """The headers of an outbox row, unsigned. Extension names are lower case without separators (CloudEvents 1.0, 3.1)."""
    values = {
        "ce_specversion": "1.0",
        "ce_id": row["event_id"],
        "ce_source": SOURCE.format(service=service),
        "ce_type": row["type"],
        "ce_time": row["time"].isoformat(),
        "ce_subject": row["key"],
        "ce_actor": row["actor"],
        "ce_reason": row["reason"],
        "ce_policyid": row["policy_id"],
        "ce_correlationid": row["correlation_id"],
        "ce_causationid": row["causation_id"],
        TRACEPARENT: row.get("traceparent"),
        "content-type": "application/json",
    }
    return {name: text for name, value in values.items() if value is not None and (text := str(value))}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as received. Nothing is parsed yet, so that even an unreadable one can be stored."""

    topic: str
    key: bytes
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("ce_type", "")

    @property
    def id(self) -> UUID:
        """EventRefused when the message has none: no service sends such a message."""
        try:
            return UUID(self.headers["ce_id"])
        except (KeyError, ValueError) as error:
            raise EventRefused("no-id", "the message has no readable id") from error

    @property
    def unlocks(self) -> set[str]:
        """Ids that parked events may wait for and that this message is about."""
        return {self.headers.get("ce_subject", ""), self.headers.get("ce_correlationid", "")} - {""}
