"""What a region is called, and how people reach its office. Wording, no part of any rule or id."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.calendars.region import AnnouncedDay
from shared.policy.sections import Slug, Strict, Titles

ENGLISH = "en"


class Region(Strict):
    """`regions/<region>/region.toml`. `names` by language; a language without one reads the English name."""

    names: Titles

    @model_validator(mode="after")
    def _has_english(self) -> Self:
        if ENGLISH not in self.names:
            raise ValueError("names: there is no English name")
        return self


class DaysOff(Strict):
    """`regions/<region>/days-off.toml`: days off that were announced at short notice. A day is added, never changed or taken away: terms
    were computed with it."""

    days: tuple[AnnouncedDay, ...] = ()

    @model_validator(mode="after")
    def _announced_before(self) -> Self:
        late = [str(one.day) for one in self.days if one.announced_on > one.day]
        if late:
            raise ValueError(f"days: announced after the day itself: {', '.join(late)}")
        if len({one.day for one in self.days}) != len(self.days):
            raise ValueError("days: a day stands twice")
        return self


class Contact(Strict):
    """`regions/<region>/contact-<first day>.toml`: whom people ask, from that day on. `office` and `hours` by language; a language without
    one reads the English text. `rules_page`: where the region publishes the rules of its schemes."""

    region: Slug
    effective_from: date
    office: Titles
    hours: Titles
    email: Annotated[str, Field(pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+\.[a-z]+$", max_length=200)]
    phone: Annotated[str, Field(pattern=r"^\+[0-9]{2,3}( [0-9]+)+$", max_length=30)]
    rules_page: Annotated[str, Field(pattern=r"^https://[^\s<>\"]+$", max_length=500)]

    @model_validator(mode="after")
    def _has_english(self) -> Self:
        for name, texts in (("office", self.office), ("hours", self.hours)):
            if ENGLISH not in texts:
                raise ValueError(f"{name}: there is no English text")
        return self
