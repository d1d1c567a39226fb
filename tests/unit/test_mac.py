"""The MAC of a row of the event log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.database.sealing import SealBroken, Sealer
from shared.kernel.ids import new_id
from shared.messaging.mac import is_genuine, mac_of

SEALER = Sealer([bytes(32)], bytes(32))
NOW = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ROW: dict[str, Any] = {
    "event_id": new_id(), "topic": "payments.disbursements", "key": new_id(), "type": "payments.BatchReleased.v1", "time": NOW,
    "actor": "finance-2", "reason": "payment-run", "policy_id": "p", "correlation_id": new_id(), "causation_id": None,
    "body": '{"batch_id":"b","amounts":[1,2],"more":{"z":"ž","a":null}}',
}  # fmt: skip


def written(sealer: Sealer = SEALER) -> dict[str, Any]:
    return ROW | {"mac": mac_of(sealer, ROW)}


def test_written_row_is_genuine() -> None:
    assert is_genuine(SEALER, written())


def test_row_as_jsonb_returns_it_is_genuine() -> None:
    returned = '{"more": {"a": null, "z": "\\u017e"}, "amounts": [1, 2], "batch_id": "b"}'
    assert is_genuine(SEALER, written() | {"body": returned})
    assert is_genuine(SEALER, written() | {"body": orjson.loads(returned)})


def test_row_moved_forward_in_time_is_genuine() -> None:
    assert is_genuine(SEALER, written() | {"time": NOW + timedelta(seconds=3)})


@pytest.mark.parametrize("column", sorted(set(ROW) - {"body", "time"}))
def test_row_with_another_value_is_not_genuine(column: str) -> None:
    assert not is_genuine(SEALER, written() | {column: "another"})


@pytest.mark.parametrize(
    "changed",
    [{"body": ROW["body"].replace("1", "3")}, {"time": NOW - timedelta(microseconds=1)}, {"mac": b""}, {"mac": bytes(40)}],
    ids=["body", "earlier", "empty", "zeros"],
)
def test_changed_row_is_not_genuine(changed: dict[str, Any]) -> None:
    assert not is_genuine(SEALER, written() | changed)


def test_row_of_another_key_is_not_genuine() -> None:
    assert not is_genuine(SEALER, written(Sealer([bytes(32)], b"\x01" * 32)))


def test_mac_without_a_hash_key_is_refused() -> None:
    with pytest.raises(SealBroken):
        mac_of(Sealer([bytes(32)]), ROW)
