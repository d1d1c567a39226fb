"""The dates of a call: how they move, when the next one is due."""

from datetime import UTC, datetime, timedelta

from services.vouchers.deadlines.domain.calendar import PlannedDate, moved, next_check
from shared.kernel.vocabulary import MilestoneKind

CLOSES = datetime(2026, 2, 10, 16, tzinfo=UTC)
END = datetime(2028, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SOON = [PlannedDate(kind=MilestoneKind.CALL_CLOSING_SOON, due_at=CLOSES - days * DAY) for days in (14, 3)]
DATES = [
    *SOON,
    PlannedDate(kind=MilestoneKind.CALL_CLOSES, due_at=CLOSES),
    PlannedDate(kind=MilestoneKind.RESERVE_LIST_ENDS, due_at=CLOSES + 60 * DAY),
]


def test_dates_to_come_move_and_announced_ones_stay() -> None:
    dates = [DATES[0].model_copy(update={"reached_at": CLOSES}), *DATES[1:]]
    replaced, new = moved(dates, {MilestoneKind.CALL_CLOSES: CLOSES + 7 * DAY, MilestoneKind.RESERVE_LIST_ENDS: CLOSES + 67 * DAY})
    assert replaced == dates[1:]
    assert [(date.kind, date.due_at) for date in new] == [
        (MilestoneKind.CALL_CLOSING_SOON, CLOSES + 4 * DAY),
        (MilestoneKind.CALL_CLOSES, CLOSES + 7 * DAY),
        (MilestoneKind.RESERVE_LIST_ENDS, CLOSES + 67 * DAY),
    ]


def test_old_extension_moves_nothing() -> None:
    assert moved(DATES, {MilestoneKind.CALL_CLOSES: CLOSES}) == ([], [])
    assert moved(DATES, {MilestoneKind.CALL_CLOSES: CLOSES - DAY}) == ([], [])


def test_next_check_is_the_earliest_date_to_come() -> None:
    replaced = PlannedDate(kind=MilestoneKind.CALL_OPENS, due_at=CLOSES - 90 * DAY, replaced_at=CLOSES)
    assert next_check([replaced, *reversed(DATES)], False, END, CLOSES) == CLOSES - 14 * DAY


def test_calendar_awaits_a_ranking_until_the_programme_ends() -> None:
    assert next_check([], True, END, CLOSES) == END
    assert next_check([], True, END, END) is None
    assert next_check([], False, END, CLOSES) is None
