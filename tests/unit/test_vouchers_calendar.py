"""How the dates of a call move."""

from datetime import UTC, datetime, timedelta

from services.vouchers.domain.calendar import CallDate, PlannedDate, moved, next_look

CLOSES = datetime(2026, 2, 10, 16, tzinfo=UTC)
END = datetime(2028, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SOON = [PlannedDate(kind=CallDate.CLOSING_SOON, due_at=CLOSES - days * DAY) for days in (14, 3)]
DATES = [*SOON, PlannedDate(kind=CallDate.CLOSES, due_at=CLOSES), PlannedDate(kind=CallDate.RESERVE_LIST_ENDS, due_at=CLOSES + 60 * DAY)]


def test_what_is_to_come_moves_and_what_has_been_stays() -> None:
    dates = [DATES[0].model_copy(update={"reached_at": CLOSES}), *DATES[1:]]
    replaced, fresh = moved(dates, {CallDate.CLOSES: CLOSES + 7 * DAY, CallDate.RESERVE_LIST_ENDS: CLOSES + 67 * DAY})
    assert replaced == dates[1:]
    assert [(date.kind, date.due_at) for date in fresh] == [
        (CallDate.CLOSING_SOON, CLOSES + 4 * DAY),
        (CallDate.CLOSES, CLOSES + 7 * DAY),
        (CallDate.RESERVE_LIST_ENDS, CLOSES + 67 * DAY),
    ]


def test_old_news_of_an_extension_move_nothing() -> None:
    assert moved(DATES, {CallDate.CLOSES: CLOSES}) == ([], [])
    assert moved(DATES, {CallDate.CLOSES: CLOSES - DAY}) == ([], [])


def test_a_calendar_looks_at_its_earliest_date_to_come() -> None:
    replaced = PlannedDate(kind=CallDate.OPENS, due_at=CLOSES - 90 * DAY, replaced_at=CLOSES)
    assert next_look([replaced, *reversed(DATES)], False, END, CLOSES) == CLOSES - 14 * DAY


def test_a_calendar_without_dates_waits_for_a_ranking_until_the_programme_ends() -> None:
    assert next_look([], True, END, CLOSES) == END
    assert next_look([], True, END, END) is None
    assert next_look([], False, END, CLOSES) is None
