"""Working days, bank days and the instant at which a deadline ends."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendars.banks import is_bank_day, next_bank_day
from shared.calendars.region import ExtraDay, RegionCalendar
from shared.calendars.time_limit import TimeLimit, deadline_after, last_day, last_day_before, moved_day, start_of_day
from shared.policy.schema import Policy
from tests.support.applications import BOOK

GREECE = RegionCalendar(
    region="gr",
    zone="Europe/Athens",
    country="GR",
    extra_days=(ExtraDay(day="10-26", name="Saint Demetrius"),),
)
POLAND = RegionCalendar(region="pl", zone="Europe/Warsaw", country="PL")
MOVES = {"start": "day-after", "moves_to_next_working_day": True}
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def test_a_local_holiday_is_no_working_day_only_where_it_is_kept() -> None:
    assert not GREECE.is_working_day(date(2026, 10, 26))
    assert POLAND.is_working_day(date(2026, 10, 26))


def test_an_extra_day_with_a_year_falls_once() -> None:
    bridge = POLAND.model_copy(update={"extra_days": (ExtraDay(day="2026-05-04", name="Bridging day"),)})
    assert not bridge.is_working_day(date(2026, 5, 4))
    assert bridge.is_working_day(date(2027, 5, 4))


def test_christmas_eve_is_a_holiday_in_poland_since_2025() -> None:
    assert POLAND.is_working_day(date(2024, 12, 24))
    assert not POLAND.is_working_day(date(2025, 12, 24))


def test_twenty_working_days_run_over_the_greek_holidays() -> None:
    assert GREECE.add_working_days(date(2026, 12, 10), 20) == date(2027, 1, 12)


@given(DAYS, st.integers(1, 60))
def test_adding_working_days_counts_exactly_so_many(day: date, count: int) -> None:
    end = GREECE.add_working_days(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(GREECE.is_working_day, between)) == count
    assert GREECE.is_working_day(end)


@given(DAYS, st.integers(1, 60))
def test_subtracting_working_days_leads_back(day: date, count: int) -> None:
    start = GREECE.add_working_days(day, 1)
    assert GREECE.add_working_days(GREECE.add_working_days(start, count), -count) == start


def test_greek_appeal_ends_at_midnight_after_seven_working_days() -> None:
    appeal = TimeLimit(value=7, unit="working-days", start="day-after")
    notified = datetime(2026, 10, 20, 9, tzinfo=UTC)
    # 21-23 October, then (26 is Saint Demetrius, 28 the national holiday) 27, 29, 30 October and 2 November.
    assert deadline_after(appeal, notified, GREECE) == datetime(2026, 11, 2, 22, tzinfo=UTC)


def test_the_local_day_counts_not_the_day_in_utc() -> None:
    one_day = TimeLimit(value=1, unit="calendar-days", start="day-after")
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # already 2 March in Athens, still 1 March in Warsaw
    assert deadline_after(one_day, late, GREECE) == datetime(2026, 3, 3, 22, tzinfo=UTC)
    assert deadline_after(one_day, late, POLAND) == datetime(2026, 3, 2, 23, tzinfo=UTC)


def test_deadline_over_a_change_of_clocks_ends_at_midnight() -> None:
    week = TimeLimit(value=7, unit="calendar-days", start="day-after")
    assert deadline_after(week, datetime(2026, 3, 27, 12, tzinfo=UTC), POLAND) == datetime(2026, 4, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "start", "months", "last"),
    [
        (date(2026, 1, 15), "day-after", 6, date(2026, 7, 15)),
        (date(2026, 1, 15), "same-day", 6, date(2026, 7, 14)),
        (date(2025, 8, 31), "day-after", 6, date(2026, 2, 28)),
        (date(2025, 8, 31), "same-day", 6, date(2026, 2, 28)),
        (date(2026, 3, 1), "same-day", 6, date(2026, 8, 31)),
        (date(2026, 1, 31), "same-day", 2, date(2026, 3, 30)),
        (date(2026, 12, 5), "day-after", 1, date(2027, 1, 5)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(first: date, start: str, months: int, last: date) -> None:
    deadline = TimeLimit.model_validate({"value": months, "unit": "months", "start": start})
    assert last_day(deadline, first, GREECE) == last


@given(DAYS, st.integers(1, 40), st.sampled_from(["calendar-days", "working-days"]))
def test_the_same_day_counts_when_the_rule_says_so(day: date, value: int, unit: str) -> None:
    first = GREECE.add_working_days(day, 1)
    same = TimeLimit.model_validate({"value": value + 1, "unit": unit, "start": "same-day"})
    after = TimeLimit.model_validate({"value": value, "unit": unit, "start": "day-after"})
    assert last_day(same, first, GREECE) == last_day(after, first, GREECE)


INSTANTS = st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2030-01-01"), timezones=st.just(UTC))


@given(INSTANTS, st.integers(1, 200))
def test_a_deadline_is_after_its_start_and_longer_ones_end_later(starting: datetime, value: int) -> None:
    for unit in ("calendar-days", "working-days", "months"):
        short, long = (TimeLimit.model_validate({"value": v, "unit": unit, "start": "day-after"}) for v in (value, value + 1))
        assert starting < deadline_after(short, starting, GREECE) < deadline_after(long, starting, GREECE)


def test_a_deadline_needs_an_instant_with_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        deadline_after(TimeLimit(value=1, unit="months", start="same-day"), datetime.fromisoformat("2026-01-01"), GREECE)


def test_a_day_starts_an_hour_earlier_in_athens() -> None:
    assert start_of_day(date(2026, 1, 10), "Europe/Athens") == datetime(2026, 1, 9, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "currency", "paid"),
    [
        (date(2026, 4, 3), "EUR", date(2026, 4, 7)),  # Good Friday and Easter Monday are TARGET holidays
        (date(2026, 3, 25), "EUR", date(2026, 3, 25)),  # a Greek holiday, but TARGET is open
        (date(2026, 6, 5), "DKK", date(2026, 6, 8)),  # Constitution Day is a Friday
        (date(2026, 5, 14), "DKK", date(2026, 5, 18)),  # Ascension Day and the Friday after
        (date(2026, 5, 14), "PLN", date(2026, 5, 14)),
        (date(2026, 12, 31), "DKK", date(2027, 1, 4)),
        (date(2026, 11, 11), "PLN", date(2026, 11, 12)),
    ],
)
def test_payment_is_executed_on_the_next_bank_day_of_currency(day: date, currency: str, paid: date) -> None:
    assert next_bank_day(day, currency) == paid


@given(DAYS, st.sampled_from(["EUR", "DKK", "PLN"]))
def test_the_next_bank_day_is_a_bank_day_near_by(day: date, currency: str) -> None:
    found = next_bank_day(day, currency)
    assert is_bank_day(found, currency)
    assert timedelta(0) <= found - day <= timedelta(days=6)


def test_a_currency_without_a_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="GBP"):
        is_bank_day(date(2026, 1, 5), "GBP")


@pytest.mark.parametrize(
    ("calendar", "first", "limit", "last"),
    [
        (POLAND, date(2026, 4, 17), {"value": 14, "unit": "calendar-days"}, date(2026, 5, 4)),  # 1 May, a Saturday, a Sunday after it
        (GREECE, date(2026, 4, 6), {"value": 7, "unit": "calendar-days"}, date(2026, 4, 14)),  # Easter Monday
        (POLAND, date(2026, 4, 16), {"value": 14, "unit": "calendar-days"}, date(2026, 4, 30)),
        (POLAND, date(2026, 8, 28), {"value": 1, "unit": "months"}, date(2026, 9, 28)),
        (POLAND, date(2026, 9, 30), {"value": 1, "unit": "months"}, date(2026, 10, 30)),
        (POLAND, date(2026, 12, 1), {"value": 1, "unit": "months"}, date(2027, 1, 4)),  # New Year, then a week-end
    ],
)
def test_term_ends_on_a_working_day(calendar: RegionCalendar, first: date, limit: dict[str, object], last: date) -> None:
    """Regulation (EEC, Euratom) No 1182/71, Article 3(4); Poland, Code of Administrative Procedure, Article 57 § 4."""
    assert last_day(TimeLimit.model_validate({**limit, **MOVES}), first, calendar) == last


@given(DAYS, st.integers(1, 400), st.sampled_from(["calendar-days", "months"]))
def test_moved_term_is_the_first_working_day_from_its_end(first: date, value: int, unit: str) -> None:
    limit = {"value": value if unit == "calendar-days" else 1 + value % 36, "unit": unit}
    end = last_day(TimeLimit.model_validate({**limit, "start": "day-after"}), first, GREECE)
    moved = last_day(TimeLimit.model_validate({**limit, **MOVES}), first, GREECE)
    assert GREECE.is_working_day(moved)
    assert not any(GREECE.is_working_day(end + timedelta(days=one)) for one in range((moved - end).days))


TERMS_TO_ACT_IN = (
    "appeal", "repair.within", "offer.accept_within", "claims.claim_window", "claims.check_within", "claims.pay_within",
    "claims.correct_within", "report.within", "deposit.within", "payment.answer_within", "bank.silence_after", "evaluation.due",
    "de_minimis.register_within", "providers.answer_within",
)  # fmt: skip
"""Of every policy; the others are validities, times of grace and of keeping, which do not move."""


PRESENT = [one for one in BOOK.all() if one.effective_from >= date(2026, 12, 1)]
HOURS = st.integers(0, 5 * 365 * 24).map(lambda hours: datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours))


@given(st.sampled_from(PRESENT), st.sampled_from(TERMS_TO_ACT_IN), HOURS)
def test_every_term_to_act_in_ends_on_a_working_day(policy: Policy, term: str, starting: datetime) -> None:
    """Whatever region, holidays, leap year and change of clocks: the last day is one on which people work, and it is a whole day."""
    limit: Any = policy
    for part in term.split("."):
        limit = getattr(limit, part, None)
    if limit is None:
        return
    end = policy.deadline(limit, starting)
    assert policy.region_calendar.is_working_day(last_day_before(end, policy.zone))
    assert end.astimezone(ZoneInfo(policy.zone)).time() == time()
    assert end - starting > timedelta(days=(limit.value if limit.unit != "months" else 28 * limit.value) - 1)


def test_term_in_working_days_says_nothing_of_moving() -> None:
    with pytest.raises(ValueError, match="moves_to_next_working_day"):
        TimeLimit.model_validate({"value": 7, "unit": "working-days", **MOVES})


def test_whole_days_stay_whole_over_a_change_of_clocks() -> None:
    """A call extended from 20 March to 3 April, both at 17:00; its reserve list ended with 30 June."""
    before, after = datetime(2026, 3, 20, 16, tzinfo=UTC), datetime(2026, 4, 3, 15, tzinfo=UTC)
    assert moved_day(datetime(2026, 6, 30, 22, tzinfo=UTC), before, after, "Europe/Zagreb") == datetime(2026, 7, 14, 22, tzinfo=UTC)
    assert moved_day(datetime(2026, 3, 25, 23, tzinfo=UTC), before, after, "Europe/Zagreb") == datetime(2026, 4, 8, 22, tzinfo=UTC)
