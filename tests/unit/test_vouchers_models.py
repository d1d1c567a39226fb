"""Recorded histories hold the models of workflows under older field names."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.vouchers.deadlines.workflows.models import NextCheck
from services.vouchers.workflows.models import Signal, SignalKind

INSTANT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("name", ["kind", "heard"])  # wire name
def test_signal_is_read_under_its_old_and_new_name(name: str) -> None:
    signal = Signal.model_validate({"event_id": str(UUID(int=1)), name: "reserved"})
    assert signal == Signal(event_id=UUID(int=1), kind=SignalKind.RESERVED)


@pytest.mark.parametrize("name", ["check_at", "look_at"])
def test_next_check_is_read_under_its_old_and_new_name(name: str) -> None:
    assert NextCheck.model_validate({name: INSTANT.isoformat()}) == NextCheck(check_at=INSTANT)


def test_new_names_are_written() -> None:
    assert set(Signal(event_id=UUID(int=1), kind=SignalKind.RESERVED).model_dump()) == {"event_id", "kind"}
    assert NextCheck(check_at=INSTANT).model_dump(exclude_none=True) == {"check_at": INSTANT}
