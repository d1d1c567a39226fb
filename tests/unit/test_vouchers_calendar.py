"""The dates of a call: how they move, when the next one is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vouchers.deadlines.domain.calendar import PlannedDate, moved, next_check
from shared.calendars.time_limit import days_later
from shared.calendars.wall_time import doubt_of
from shared.kernel.vocabulary import MilestoneKind

CLOSES = datetime(2026, 2, 10, 16, tzinfo=UTC)
END = datetime(2028, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
UTC_ZONE = "UTC"
SOON = [PlannedDate(kind=MilestoneKind.CALL_CLOSING_SOON, due_at=CLOSES - days * DAY) for days in (14, 3)]
DATES = [
    *SOON,
    PlannedDate(kind=MilestoneKind.CALL_CLOSES, due_at=CLOSES),
    PlannedDate(kind=MilestoneKind.RESERVE_LIST_ENDS, due_at=CLOSES + 60 * DAY),
]


def test_dates_to_come_move_and_announced_ones_stay() -> None:
    dates = [DATES[0].model_copy(update={"reached_at": CLOSES}), *DATES[1:]]
    replaced, new = moved(
        dates, {MilestoneKind.CALL_CLOSES: CLOSES + 7 * DAY, MilestoneKind.RESERVE_LIST_ENDS: CLOSES + 67 * DAY}, UTC_ZONE
    )
    assert replaced == dates[1:]
    assert [(date.kind, date.due_at) for date in new] == [
        (MilestoneKind.CALL_CLOSING_SOON, CLOSES + 4 * DAY),
        (MilestoneKind.CALL_CLOSES, CLOSES + 7 * DAY),
        (MilestoneKind.RESERVE_LIST_ENDS, CLOSES + 67 * DAY),
    ]


@pytest.mark.parametrize("zone", ["Europe/Zagreb", "Europe/Athens", "Europe/Warsaw", "Europe/Copenhagen", "Europe/Brussels"])
@pytest.mark.parametrize(("close", "to", "reminder"), [
    ("2026-03-20T17:00", "2026-04-03T17:00", "2026-03-27T17:00"),  # before the clocks change on 29 March
    ("2026-03-27T17:00", "2026-04-10T12:00", "2026-04-03T12:00"),  # after it
    ("2026-10-23T17:00", "2026-11-06T17:00", "2026-10-30T17:00"),
])  # fmt: skip
def test_reminder_stays_whole_days_before_the_close(zone: str, close: str, to: str, reminder: str) -> None:
    """Row "call extended from 20 Mar to 3 Apr, both 17:00": what is counted in days keeps its hour over a change of clocks."""
    old, new, expected = (datetime.fromisoformat(one).replace(tzinfo=ZoneInfo(zone)) for one in (close, to, reminder))
    kinds = {MilestoneKind.CALL_CLOSING_SOON: days_later(old, -7, zone), MilestoneKind.CALL_CLOSES: old}
    _, found = moved([PlannedDate(kind=kind, due_at=due) for kind, due in kinds.items()], {MilestoneKind.CALL_CLOSES: new}, zone)
    assert [one.due_at for one in found] == [expected, new]


@given(
    st.datetimes(timezones=st.just(UTC), min_value=CLOSES.replace(tzinfo=None), max_value=END.replace(tzinfo=None)), st.integers(-90, 90)
)
def test_days_later_keep_the_hour(instant: datetime, days: int) -> None:
    found, there = days_later(instant, days, "Europe/Athens"), ZoneInfo("Europe/Athens")
    local, then = instant.astimezone(there), found.astimezone(there)
    assert (then.date() - local.date()).days == days
    assert then.time() == local.time() or doubt_of(then.replace(tzinfo=None), "Europe/Athens") or abs(then.hour - local.hour) == 1


def test_old_extension_moves_nothing() -> None:
    assert moved(DATES, {MilestoneKind.CALL_CLOSES: CLOSES}, UTC_ZONE) == ([], [])
    assert moved(DATES, {MilestoneKind.CALL_CLOSES: CLOSES - DAY}, UTC_ZONE) == ([], [])


def test_next_check_is_the_earliest_date_to_come() -> None:
    replaced = PlannedDate(kind=MilestoneKind.CALL_OPENS, due_at=CLOSES - 90 * DAY, replaced_at=CLOSES)
    assert next_check([replaced, *reversed(DATES)], False, END, CLOSES) == CLOSES - 14 * DAY


def test_calendar_awaits_a_ranking_until_the_programme_ends() -> None:
    assert next_check([], True, END, CLOSES) == END
    assert next_check([], True, END, END) is None
    assert next_check([], False, END, CLOSES) is None
