"""A region policy: the rules of one scheme of one region from one date on.

Read from `regions/<region>/<scheme>/<YYYY-MM-DD>.toml`. Its id names the file and the content, so that a case in flight keeps
the very rules it began with.
"""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from shared.calendars.region import ExtraDay, RegionCalendar
from shared.calendars.time_limit import TimeLimit, deadline_after, end_of_day
from shared.kernel.money import MINOR_DIGITS, Money, Rounding
from shared.kernel.vocabulary import SelectionMethod
from shared.policy.sections import (
    Approvals,
    Bank,
    Budget,
    CalendarData,
    Claims,
    DeMinimis,
    Eligibility,
    Evaluation,
    Extension,
    Offer,
    Payment,
    Publication,
    Repair,
    Report,
    Retention,
    Rule,
    Selection,
    Slug,
    SmallFirm,
    StateAid,
    Strict,
    Text,
    Titles,
    Value,
)
from shared.policy.sources import source_of, uncovered

_TRANSLATIONS = {"__all__": {"translations"}}
WORDING: Any = {
    "eligibility": {"rules": _TRANSLATIONS},
    "calendar": {"extra_days": _TRANSLATIONS},
    "evaluation": {"criteria": {"__all__": {"guidance"}}},
}
"""What is no rule, so that a better translation does not make another policy of it."""


class Policy(Strict):
    """See `sections` for each table. `sources` maps a dotted path to where the value, and all below it, comes
    from; "default" is the platform's own proposal where no rule was found."""

    region: Slug
    scheme: Slug
    title: Titles
    effective_from: date
    programme_end: date
    currency: str
    zone: str
    languages: Annotated[tuple[Text, ...], Field(min_length=1)]
    validity: TimeLimit
    appeal: TimeLimit
    calendar: CalendarData
    selection: Selection
    payment: Payment
    value: Value
    extension: Extension
    offer: Offer
    repair: Repair
    evaluation: Evaluation | None = None
    eligibility: Eligibility
    small_firm: SmallFirm
    claims: Claims
    approvals: Approvals
    budget: Budget | None = None
    bank: Bank
    de_minimis: DeMinimis
    state_aid: StateAid | None = None
    retention: Retention | None = None
    publication: Publication | None = None
    report: Report | None = None
    sources: dict[str, Text]

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, currency: str) -> str:
        if currency not in MINOR_DIGITS:
            raise ValueError(f"unknown currency {currency!r}")
        return currency

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown zone {zone!r}") from error
        return zone

    @model_validator(mode="after")
    def _whole(self) -> Self:
        criteria = self.evaluation.criteria if self.evaluation else ()
        if any(set(titles) != set(self.languages) for titles in [self.title, *(criterion.title for criterion in criteria)]):
            raise ValueError(f"every title is given in exactly the languages {', '.join(self.languages)}")
        if any(criterion.guidance and set(criterion.guidance) != set(self.languages) for criterion in criteria):
            raise ValueError(f"guidance is given in exactly the languages {', '.join(self.languages)}")
        texts: list[Rule | ExtraDay] = [*self.eligibility.rules, *self.calendar.extra_days]
        if any(set(text.translations) - set(self.languages) for text in texts):
            raise ValueError(f"translations are in the languages {', '.join(self.languages)}")
        if self.selection.method is SelectionMethod.RANKING and self.evaluation is None:
            raise ValueError("evaluation: a ranking needs criteria")
        missing, stale = uncovered(self.content(), self.sources)
        faults = [f"no source for {path}" for path in missing] + [f"nothing stands at {path}" for path in stale]
        if faults:
            raise ValueError(f"sources: {'; '.join(faults)}")
        return self

    def content(self) -> dict[str, Any]:
        """The values as the file gives them, JSON types; neither fields that the file leaves out nor translations of texts."""
        return self.model_dump(mode="json", exclude_unset=True, by_alias=True, exclude=WORDING)

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """A changed policy is another policy: its hash is computed again."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("content_hash", None)
        return copied

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (64 hex digits) over the content as JSON with sorted keys and no spaces."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def id(self) -> str:
        """'<region>/<scheme>/<effective date>@<first 12 hex digits of the content hash>'."""
        return f"{self.region}/{self.scheme}/{self.effective_from}@{self.content_hash[:12]}"

    @property
    def region_calendar(self) -> RegionCalendar:
        return RegionCalendar(
            region=self.region,
            zone=self.zone,
            country=self.calendar.country,
            extra_days=self.calendar.extra_days,
        )

    @property
    def programme_end_at(self) -> datetime:
        """The instant (UTC) after which there is no validity, claim or payment."""
        return end_of_day(self.programme_end, self.zone)

    def deadline(self, limit: TimeLimit, starting: datetime) -> datetime:
        """The end of the limit's last day in this region, UTC. The end of the programme is not applied here."""
        return deadline_after(limit, starting, self.region_calendar)

    def capped_deadline(self, limit: TimeLimit, starting: datetime) -> datetime:
        """The same, but never after the end of the programme: for validity, extension, claims and payment."""
        return min(self.deadline(limit, starting), self.programme_end_at)

    def claim_correction_ends(self, starting: datetime) -> datetime:
        """Until when a claim that is returned may be lodged again; where the file says nothing, in the time to repair an application."""
        return self.capped_deadline(self.claims.correct_within or self.repair.within, starting)

    def largest_aid(self, total_cost: Money) -> Money:
        """What may be asked for a project of this cost: cost × intensity rounded down, at most the largest voucher."""
        return min(total_cost.share(self.value.intensity_bp), Money(self.value.largest_minor, self.currency))

    def own_contribution(self, total_cost: Money) -> Money:
        """The least own share of this cost, rounded up."""
        return total_cost.share(self.value.own_contribution_bp, Rounding.UP)

    def from_eur_minor(self, eur_minor: int) -> int:
        """EUR cents in minor units of the policy's currency at the policy's own rate, rounded down."""
        return int(Decimal(eur_minor) * Decimal(self.de_minimis.eur_rate))

    def to_eur_minor(self, minor: int) -> int:
        """Minor units of the policy's currency in EUR cents at the policy's own rate, rounded half up: for comparisons, not for rules."""
        units, euros = Decimal(self.de_minimis.eur_rate).as_integer_ratio()
        return (2 * minor * euros + units) // (2 * units)

    def source_of(self, path: str) -> str:
        """Where the value at a dotted path comes from. KeyError when there is no such path."""
        return source_of(path, self.sources)
