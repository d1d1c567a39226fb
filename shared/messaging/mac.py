"""Proves that a process of the service wrote a row of its event log: who has only the password of the database cannot.

The processes have the key and the database has not (`Sealer.mac`). The MAC covers what the event says and who did it, so a row that a
process wrote says nothing else under another id. See docs/decisions/0018.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from shared.database.sealing import Sealer

_STARTED, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_TIME_BYTES = 8
_COLUMNS = ("event_id", "topic", "key", "type", "actor", "reason", "policy_id", "correlation_id", "causation_id")


def mac_of(sealer: Sealer, row: Mapping[str, Any]) -> bytes:
    """The column `mac` of a row that is to be written: its time, then the MAC. The body is JSON text, or what it says.

    Raises `SealBroken` when the sealer has no hash key.
    """
    return _mac(sealer, row, ((row["time"] - _STARTED) // _MICROSECOND).to_bytes(_TIME_BYTES))


def is_genuine(sealer: Sealer, row: Mapping[str, Any]) -> bool:
    """Whether a process wrote the row. Its time may be later than the process gave: a trigger lets no key's time run backwards.

    A row without a MAC is from before there were any: a constraint with the last position of that day refuses every other one.
    """
    if row["mac"] is None:
        return True
    written = row["mac"][:_TIME_BYTES]
    in_time = (row["time"] - _STARTED) // _MICROSECOND >= int.from_bytes(written)
    return in_time and hmac.compare_digest(row["mac"], _mac(sealer, row, written))


def _mac(sealer: Sealer, row: Mapping[str, Any], time: bytes) -> bytes:
    """Names in the body are sorted, because jsonb keeps neither their order nor spaces."""
    body = row["body"]
    says = orjson.loads(body) if isinstance(body, str | bytes) else body
    values = [*(row[column] for column in _COLUMNS), says]
    return time + sealer.mac(time + orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str))
