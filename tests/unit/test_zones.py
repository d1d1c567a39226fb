"""The zones of the five regions, as the locked package tzdata has them."""

import importlib.resources
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.policies import BOOK

ZONES = {"Europe/Athens": 2, "Europe/Brussels": 1, "Europe/Copenhagen": 1, "Europe/Warsaw": 1, "Europe/Zagreb": 1}
"""Hours ahead of UTC in winter."""
YEARS = range(2024, 2039)
"""From the first call until the longest time that records are kept (ten years after the end of the programme)."""


def last_sunday(year: int, month: int) -> datetime:
    """At 01:00 UTC, when summer time begins in March and ends in October (Directive 2000/84/EC, articles 2 and 3)."""
    day = date(year, month, 31)
    return datetime.combine(day - timedelta(days=(day.weekday() + 1) % 7), time(1), UTC)


def test_zones_are_those_of_the_package_and_not_of_the_machine() -> None:
    assert zoneinfo.TZPATH == ()
    for name in ZONES:
        with importlib.resources.files("tzdata.zoneinfo").joinpath(name).open("rb") as file:
            packaged = ZoneInfo.from_file(file)
        moments = [datetime(year, month, 1, tzinfo=UTC) for year in YEARS for month in range(1, 13)]
        assert [at.astimezone(ZoneInfo(name)).utcoffset() for at in moments] == [at.astimezone(packaged).utcoffset() for at in moments]


def test_every_region_is_in_a_zone_that_is_held() -> None:
    assert {policy.zone for policy in BOOK.all()} == ZONES.keys()


@pytest.mark.parametrize(("name", "winter"), ZONES.items())
def test_clocks_change_when_the_directive_says(name: str, winter: int) -> None:
    """When this fails, the law has changed: deadlines of cases in flight move with it."""
    zone, moment = ZoneInfo(name), timedelta(seconds=1)
    for year in YEARS:
        for at, before, after in ((last_sunday(year, 3), winter, winter + 1), (last_sunday(year, 10), winter + 1, winter)):
            hours = [(at + step).astimezone(zone).utcoffset() for step in (-moment, timedelta())]
            assert hours == [timedelta(hours=before), timedelta(hours=after)], (year, at)
