"""Hours that a change of clocks leaves out or brings twice, and holidays announced at short notice. Source: rows of "Terms and days"."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.applications.domain.call_drafts import CallContent, faults_of
from shared.calendars.region import AnnouncedDay, RegionCalendar
from shared.calendars.tables import computed_holidays, public_holidays
from shared.calendars.time_limit import TimeLimit, last_day
from shared.calendars.wall_time import Doubt, doubt_of, readings_of
from shared.kernel.errors import Refused
from shared.policy.call import check_call, clock_fault
from shared.policy.loader import load_book
from tests.support.applications import BOOK, REGIONS, call_definition, policy

ZAGREB = "Europe/Zagreb"
MISSING, TWICE = datetime.fromisoformat("2026-03-29T02:30"), datetime.fromisoformat("2026-10-25T02:30")


@pytest.mark.parametrize(
    ("local", "zone", "doubt"),
    [
        ("2026-03-29T02:30", ZAGREB, Doubt.MISSING), ("2026-10-25T02:30", ZAGREB, Doubt.TWICE), ("2026-03-29T03:00", ZAGREB, None),
        ("2026-10-25T03:00", ZAGREB, None), ("2026-10-25T02:00", ZAGREB, Doubt.TWICE),
        ("2026-03-29T03:30", "Europe/Athens", Doubt.MISSING), ("2026-03-29T02:30", "Europe/Athens", None),
    ],
)  # fmt: skip
def test_hour_that_comes_not_once_is_found(local: str, zone: str, doubt: Doubt | None) -> None:
    assert doubt_of(datetime.fromisoformat(local), zone) is doubt


def test_both_readings_are_given() -> None:
    assert readings_of(TWICE, ZAGREB) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    fault = clock_fault("closes_at", MISSING, ZAGREB)
    assert fault is not None
    assert "29 March 2026 at 01:30 CET or 29 March 2026 at 03:30 CEST" in fault.detail
    twice = clock_fault("closes_at", TWICE, ZAGREB)
    assert twice is not None
    assert "25 October 2026 at 02:30 CEST and 25 October 2026 at 02:30 CET" in twice.detail


@pytest.mark.parametrize(("name", "local", "code"), [("opens_at", MISSING, "hour-missing"), ("closes_at", TWICE, "hour-twice")])
def test_call_at_such_an_hour_is_refused(name: str, local: datetime, code: str) -> None:
    now = datetime(2025, 12, 1, tzinfo=UTC)
    found = {fault.code: fault.field for fault in faults_of(CallContent(**{name: local}), policy(), now)}
    assert found[code] == name
    call = call_definition().model_copy(update={name: local})
    with pytest.raises(Refused) as refused:
        check_call(call, policy())
    assert (refused.value.code, refused.value.field) == (code, name)


WEEK = TimeLimit(value=7, unit="calendar-days", start="day-after", moves_to_next_working_day=True)
NEW_DAY = AnnouncedDay(day=date(2026, 11, 12), announced_on=date(2026, 11, 6), name="Day of mourning", source="Act of 6 November 2026")


@pytest.mark.parametrize(("first", "last"), [(date(2026, 11, 5), date(2026, 11, 12)), (date(2026, 11, 6), date(2026, 11, 16))])
def test_announced_day_counts_for_terms_that_begin_after_it(first: date, last: date) -> None:
    """A term that began before keeps the days off that were known then: computed again, it has the same end. (13 November is a Friday.)"""
    calendar = RegionCalendar(
        region="pl", zone="Europe/Warsaw", country="PL", announced=(NEW_DAY, NEW_DAY.model_copy(update={"day": date(2026, 11, 13)}))
    )
    assert last_day(WEEK, first, calendar) == last


def test_table_of_holidays_is_that_of_the_package() -> None:
    """When a new release differs, a person decides: a new day is announced, and the file stays as terms were counted by it."""
    years = [(country, year) for country in ("BE", "DK", "GR", "HR", "PL") for year in range(2024, 2032)]
    assert [one for one in years if public_holidays(*one) != computed_holidays(*one)] == []


def test_announced_day_is_no_part_of_the_policy(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(REGIONS, tmp_path / "regions"))
    (folder / "hr-koprivnica/days-off.toml").write_text(
        '[[days]]\nday = 2026-12-28\nannounced_on = 2026-12-21\nname = "Day of mourning"\nsource = "decision of the government"\n'
    )
    book = load_book(folder)
    assert {one.id for one in book.all()} == {one.id for one in BOOK.all()}
    changed = book.resolve("hr-koprivnica", "digital-voucher", date(2026, 12, 20))
    assert not changed.region_calendar.is_working_day(date(2026, 12, 28))
    assert book.resolve("pl-malopolska", "bon-na-innowacje", date(2026, 12, 20)).region_calendar.is_working_day(date(2026, 12, 28))
