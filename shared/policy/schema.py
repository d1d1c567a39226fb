"""A region policy: the rules of one scheme of one region from one date on.

Read from `regions/<region>/<scheme>/<YYYY-MM-DD>.toml`. Its id names the file and the content, so that a case in flight keeps
the very rules it began with.
"""

import hashlib
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, field_validator, model_validator

from shared.calendars.region import AnnouncedDay, ExtraDay, RegionCalendar
from shared.calendars.time_limit import TimeLimit, deadline_after, end_of_day
from shared.kernel.money import MINOR_DIGITS, Money, Rounding
from shared.kernel.vocabulary import PaymentMode, SelectionMethod
from shared.policy.aid import Grace, Limits, Rate, Vat, VoucherType, faults_of_aid
from shared.policy.benefit import Benefit, faults_of_benefit
from shared.policy.cut_offs import RoundRules
from shared.policy.instalments import Advance, Balance, faults_of
from shared.policy.own_share import Deposit, OwnHours, own_hours_fault
from shared.policy.registration import Registration
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
    Providers,
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
from shared.policy.two_step import ByInvitation, Expression, faults_of_two_step

_TRANSLATIONS = {"__all__": {"translations"}}
WORDING: Any = {
    "eligibility": {"rules": _TRANSLATIONS},
    "calendar": {"extra_days": _TRANSLATIONS},
    "evaluation": {"criteria": {"__all__": {"guidance"}}},
}
"""What is no rule, so that a better translation does not make another policy of it."""


class Policy(Strict):
    """See `sections` and `aid` for each table. `sources` maps a dotted path to where the value, and all below it, comes
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
    voucher_types: Annotated[tuple[VoucherType, ...], Field(min_length=1)] | None = None
    rates: Annotated[tuple[Rate, ...], Field(min_length=1)] | None = None
    limits: Limits | None = None
    vat: Vat | None = None
    grace: Grace | None = None
    providers: Providers | None = None
    advance: Advance | None = None
    balance: Balance | None = None
    deposit: Deposit | None = None
    own_hours: OwnHours | None = None
    registration: Registration | None = None
    benefit: Benefit | None = None
    expression: Expression | None = None
    by_invitation: ByInvitation | None = None
    rounds: RoundRules | None = None
    sources: dict[str, Text]
    _announced: tuple[AnnouncedDay, ...] = PrivateAttr(default=())

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
        if faults_of_case := faults_of_aid(self.voucher_types, self.rates, self.value, self.vat, self.languages):
            raise ValueError("; ".join(faults_of_case))
        missing, stale = uncovered(self.content(), self.sources)
        faults = [f"no source for {path}" for path in missing] + [f"nothing stands at {path}" for path in stale]
        if faults:
            raise ValueError(f"sources: {'; '.join(faults)}")
        return self

    @model_validator(mode="after")
    def _instalments_fit(self) -> Self:
        faults = faults_of(self.advance, self.balance, has_report=self.report is not None)
        if self.deposit and (self.advance or self.payment.mode is not PaymentMode.PROVIDER_DIRECT):
            faults.append("a deposit and the aid pay the provider together: the mode is provider-direct, without an advance")
        if self.registration and self.selection.method is not SelectionMethod.FIRST_COME:
            faults.append("money is reserved at registration only where the first come are served first")
        if self.registration and self.selection.when_short == "skip":
            faults.append("where money is reserved at registration, a smaller request overtakes nobody: it would take a reservation back")
        named = " ".join(rule.expression for rule in self.eligibility.rules)
        if fault := own_hours_fault(self.own_hours, deposit=self.deposit is not None, named_in_rules=named):
            faults.append(fault)
        faults += faults_of_benefit(self)
        faults += faults_of_two_step(self)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def content(self) -> dict[str, Any]:
        """The values as the file gives them, JSON types; neither fields that the file leaves out nor translations of texts."""
        return self.model_dump(mode="json", exclude_unset=True, by_alias=True, exclude=WORDING)

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """A changed policy is another policy: its hash is computed again."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("content_hash", None)
        return copied

    def with_days_off(self, announced: tuple[AnnouncedDay, ...]) -> Self:
        """The same policy, with the days off that its region has announced: they are no part of its id."""
        policy = self.model_copy()
        policy._announced = announced
        return policy

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (64 hex digits) over the content as JSON with sorted keys and no spaces."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def id(self) -> str:
        """'<region>/<scheme>/<effective date>@<first 12 hex digits of the content hash>'."""
        return f"{self.region}/{self.scheme}/{self.effective_from}@{self.content_hash[:12]}"

    @property
    def gives_money(self) -> bool:
        """Whether an award of the scheme is money: neither hours or places nor an invitation."""
        return self.benefit is None and self.expression is None

    @property
    def region_calendar(self) -> RegionCalendar:
        return RegionCalendar(
            region=self.region,
            zone=self.zone,
            country=self.calendar.country,
            extra_days=self.calendar.extra_days,
            announced=self._announced,
        )

    @property
    def programme_end_at(self) -> datetime:
        """The instant (UTC) after which there is no validity, claim or payment."""
        return end_of_day(self.programme_end, self.zone)

    def local_day(self, instant: datetime) -> date:
        """The region's calendar day at the instant."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def deadline(self, limit: TimeLimit, starting: datetime) -> datetime:
        """The end of the limit's last day in this region, UTC. The end of the programme is not applied here."""
        return deadline_after(limit, starting, self.region_calendar)

    def calendar_id(self, starting: datetime) -> str:
        """The id of the calendar by which a limit is counted that starts then."""
        return self.region_calendar.as_of(self.local_day(starting)).id

    def capped_deadline(self, limit: TimeLimit, starting: datetime) -> datetime:
        """The same, but never after the end of the programme: for validity, extension, claims and payment."""
        return min(self.deadline(limit, starting), self.programme_end_at)

    def grace_ends(self, valid_until: datetime) -> datetime:
        """Until when an invoice may be dated for what was ordered while the voucher was valid; without a time of grace `valid_until`.
        An end of day is the midnight after it, so its last day is one moment earlier."""
        return self.capped_deadline(self.grace.within, valid_until - timedelta(microseconds=1)) if self.grace else valid_until

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
