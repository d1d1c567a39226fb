"""Vouchers that are hours or places: a ledger of their own, which sessions may be booked, what an attendance or an absence uses up."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vouchers.domain.attendance import (
    Holding,
    Session,
    Terms,
    aid_minor,
    check_booking,
    units_of,
    used_by_absence,
    used_by_attendance,
)
from services.vouchers.domain.capacity import NOTHING, CapacityAccount, CapacityEntry, moved
from shared.kernel.errors import Conflict
from shared.policy.benefit import Unit

NOON, HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC), timedelta(hours=1)
MENTORING = Terms(Unit.MINUTES, step=15, free_until=24 * HOUR)
TRAINING = replace(MENTORING, unit=Unit.PLACES)
SESSION = Session(NOON + 48 * HOUR, NOON + 48 * HOUR + timedelta(minutes=50), seats=1)
HOLDING = Holding(usable=True, left=60, valid_until=NOON + 100 * HOUR)


@given(st.lists(st.tuples(st.sampled_from(CapacityEntry), st.integers(1, 50)), max_size=40))
def test_capacity_is_neither_made_nor_lost(entries: list[tuple[CapacityEntry, int]]) -> None:
    """Whatever is tried in whatever order: all accounts add up to zero, and none but the supply is below it."""
    balances = moved(NOTHING, CapacityEntry.SUPPLIED, 100)
    for kind, units in entries:
        with suppress(Conflict):
            balances = moved(balances, kind, units)
        assert sum(balances.values()) == 0
        assert all(value >= 0 for account, value in balances.items() if account is not CapacityAccount.SUPPLY)


def test_last_place_is_given_once() -> None:
    one = moved(moved(NOTHING, CapacityEntry.SUPPLIED, 1), CapacityEntry.RESERVED, 1)
    with pytest.raises(Conflict):
        moved(one, CapacityEntry.RESERVED, 1)
    assert moved(moved(one, CapacityEntry.RELEASED, 1), CapacityEntry.RESERVED, 1)[CapacityAccount.RESERVED] == 1
    with pytest.raises(ValueError, match="0 units"):
        moved(one, CapacityEntry.RESERVED, 0)


@pytest.mark.parametrize(
    ("holding", "session", "code"),
    [
        ({"usable": False}, {}, "voucher-not-usable"),
        ({}, {"starts_at": NOON}, "session-begun"),  # with this instant
        ({"valid_until": SESSION.ends_at - timedelta(seconds=1)}, {}, "session-after-validity"),
        ({}, {"seats": 0}, "session-full"),
        ({"booked": [Session(NOON, SESSION.starts_at + timedelta(seconds=1), 1)]}, {}, "session-overlaps"),
        ({"left": 59}, {}, "units-exhausted"),  # 50 minutes are four quarters of an hour
    ],
)
def test_booking_that_cannot_be_kept_is_refused(holding: dict[str, Any], session: dict[str, Any], code: str) -> None:
    with pytest.raises(Conflict) as refused:
        check_booking(replace(HOLDING, **holding), replace(SESSION, **session), MENTORING, NOON)
    assert refused.value.code == code


def test_booking_holds_what_the_session_needs() -> None:
    after = [Session(SESSION.ends_at, SESSION.ends_at + HOUR, 1)]
    assert check_booking(replace(HOLDING, booked=after, valid_until=SESSION.ends_at), SESSION, MENTORING, NOON) == 60
    assert check_booking(replace(HOLDING, left=1), SESSION, TRAINING, NOON) == units_of(SESSION, TRAINING) == 1


@pytest.mark.parametrize(("minutes", "mentoring", "training"), [(0, 0, 0), (1, 15, 1), (30, 30, 1), (31, 45, 1), (500, 60, 1)])
def test_attendance_uses_up_what_was_begun(minutes: int, mentoring: int, training: int) -> None:
    assert used_by_attendance(SESSION, MENTORING, minutes) == mentoring
    assert used_by_attendance(SESSION, TRAINING, minutes) == training


def test_absence_is_free_when_cancelled_in_time() -> None:
    last = SESSION.starts_at - MENTORING.free_until
    assert used_by_absence(SESSION, MENTORING, last) == 0
    assert used_by_absence(SESSION, MENTORING, last + timedelta(seconds=1)) == 60
    assert used_by_absence(SESSION, TRAINING, None) == 1
    assert aid_minor(60, 150) == 9_000
