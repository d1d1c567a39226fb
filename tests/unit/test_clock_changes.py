"""Hours that a change of clocks leaves out or brings twice, and holidays announced at short notice. Source: rows of "Terms and days"."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.applications.domain.call_drafts import CallContent, faults_of
from shared.calendars import tables
from shared.calendars.region import AnnouncedDay, ExtraDay, RegionCalendar
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


CALENDARS = {
    "be-kortrijk": "BE/holidays-0.109@64457278325c",
    "dk-kolding": "DK/holidays-0.109@256720b4f73f",
    "gr-central-macedonia": "GR/holidays-0.109@dc79215e37a4",
    "hr-koprivnica": "HR/holidays-0.109@e3b543475f78",
    "pl-malopolska": "PL/holidays-0.109@0855dd083887",
}
"""Ids that stand in the record. Who changes a day of a table that is in force finds it here: a change is a new edition."""


def test_calendars_in_force_keep_their_ids() -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert {one.region: one.calendar_id(now) for one in BOOK.all() if one.effective_from == date(2025, 12, 1)} == CALENDARS


def test_calendar_with_other_days_has_another_id() -> None:
    plain = RegionCalendar(region="pl", zone="Europe/Warsaw", country="PL")
    more = plain.model_copy(update={"announced": (NEW_DAY,)})
    assert more.as_of(date(2026, 11, 5)).id == plain.id != more.as_of(date(2026, 11, 6)).id
    assert plain.model_copy(update={"extra_days": (ExtraDay(day="07-11", name="Day of the region"),)}).id != plain.id
    assert plain.model_copy(update={"country": "HR"}).id.startswith("HR/holidays-0.109@")


def test_new_edition_counts_from_its_first_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A term that began before is counted by the table that was in force then."""
    first, later = tables.editions()[0], replace(tables.editions()[0], id="later", first_day=date(2027, 1, 1))
    monkeypatch.setattr(tables, "editions", lambda: (first, later))
    calendar = RegionCalendar(region="pl", zone="Europe/Warsaw", country="PL")
    assert [calendar.as_of(day).edition or "newest" for day in (date(2026, 12, 31), date(2027, 1, 1))] == ["holidays-0.109", "newest"]
    assert [tables.edition_on(day) for day in (date(2020, 1, 1), date(2026, 12, 31), date(2030, 1, 1))] == [first.id, first.id, "later"]


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
