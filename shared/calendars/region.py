"""The working days of a region: the country's public holidays and days that the region adds as data."""

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field

from shared.calendars import tables

SATURDAY = 5


class ExtraDay(BaseModel):
    """A day off that the national list lacks: `day` is 'MM-DD' (every year) or 'YYYY-MM-DD' (once); `name` is English."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    day: str = Field(pattern=r"^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
    name: str = Field(min_length=1)
    translations: dict[str, str] = {}

    def falls_on(self, day: date) -> bool:
        return day.isoformat().endswith(self.day)


class AnnouncedDay(BaseModel):
    """A day off of the region's country that was announced at short notice, on `announced_on`; `name` is English, `source` the act."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    day: date
    announced_on: date
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)


class RegionCalendar(BaseModel):
    """One region's zone and days off. `country` is the ISO 3166 code of the national holidays. `announced`: days off that no rule had; a
    term has those that were announced when it began (`as_of`), so what was computed once is computed so again. `edition`: of the table of
    national holidays ('': the newest), likewise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    region: str
    zone: str
    country: str
    extra_days: tuple[ExtraDay, ...] = ()
    announced: tuple[AnnouncedDay, ...] = ()
    edition: str = ""

    def as_of(self, day: date) -> "RegionCalendar":
        """The calendar as it was known on the day."""
        known, edition = tuple(one for one in self.announced if one.announced_on <= day), tables.edition_on(day)
        if (known, edition) == (self.announced, self.edition or tables.editions()[-1].id):
            return self
        return self.model_copy(update={"announced": known, "edition": edition})

    @property
    def id(self) -> str:
        """'<country>/<edition>@<12 hex digits>', the hash over the national days, those of the region, and those announced: by it terms can
        be counted again, and two calendars that differ in a day have two ids."""
        edition = self.edition or tables.editions()[-1].id
        own = (*(one.day for one in self.extra_days), *(f"{one.day} since {one.announced_on}" for one in self.announced))
        return f"{self.country}/{edition}@{tables.table_hash(self.country, edition, own)}"

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, neither a public holiday nor an extra or announced day of the region."""
        if day.weekday() >= SATURDAY or day in tables.public_holidays(self.country, day.year, self.edition):
            return False
        return not any(extra.falls_on(day) for extra in self.extra_days) and all(one.day != day for one in self.announced)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it when negative); `day` itself is never counted, 0 gives it back."""
        step = timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day
