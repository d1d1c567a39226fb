"""Published funded operations as applications: the facts are real, everything that makes them an application is made up.

The voucher asked for is min(total × intensity, largest voucher) of the region that the operation's country stands for; kuna are
turned into euros at the fixed rate. Staff, turnover, activity, tax number, owners, topics and dates come from a seed, the hash of
the row without its region; so rows that differ in the region alone give the same organisation with the same project, and the
second is refused as such. About `FAILS_PERCENT` in a hundred are made to fail a rule, each kind in turn.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from shared.kernel.ids import derive_id
from shared.kernel.money import MINOR_DIGITS, Money
from shared.policy.schema import Policy
from simulation.demo.dice import Dice

Json = dict[str, Any]
Operation = Mapping[str, Any]

FACTS = ("country", "region", "fund", "start", "end", "total_eligible", "eu_or_grant", "currency")
FAILS_PERCENT = 10
HRK_PER_100_000_EUR = 753_450
"""7.53450 to the euro: Regulation (EU) 2022/1208."""

PLACES: Mapping[str, tuple[str, str, str]] = {
    "EL": ("gr-central-macedonia", "GR", "Thessaloniki"),
    "HR": ("hr-koprivnica", "HR", "Koprivnica"),
    "PL": ("pl-malopolska", "PL", "Kraków"),
    "DK": ("dk-kolding", "DK", "Kolding"),
    "BE": ("be-kortrijk", "BE", "Kortrijk"),
}
"""Country as published → region of the programme, ISO 3166 code and town of the made-up seat."""

HOLDINGS = 40
"""So many made-up owners, 'Example Holding 01' and up: an evaluator tied to one has a conflict in a few cases."""

TOPICS = ("design", "games", "film", "music", "heritage", "fashion", "publishing", "crafts", "performing-arts", "digital-tools")
_S3_FIELDS = ("creative-industries", "digital-economy", "circular-economy", "tourism", "smart-materials")
_ACTIVITIES = ("74.10", "90.03", "59.11", "62.01", "58.11", "71.11", "73.11", "18.12", "91.02", "60.10", "63.12", "85.52")
_NAMESPACE = UUID("8f1d7c52-7c56-8a55-8a3e-6f0f2d9b4c10")
_NAMES = ("Loom", "Lantern", "Kiln", "Atlas", "Prism", "Harbour", "Quill", "Echo", "Meadow", "Compass", "Anvil", "Paper")
_WORKS = ("catalogue", "workshop", "archive", "pattern library", "touring show", "studio", "game", "collection")
_AIMS = ("Digital", "Green", "Open", "Shared", "Mobile", "Accessible")
_FAULTS = ("sme-size", "sme-independent", "place", "activity", "de-minimis-declared", "de-minimis-ceiling")


@dataclass(frozen=True, slots=True)
class Target:
    """The call that a region's operations apply to: its policy and the day it closes, after which the projects lie."""

    policy: Policy
    closes_on: date


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What POST /imports takes, and the region whose call it is for."""

    row_key: str
    region: str
    organisation_id: UUID
    form: Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that no application can be made of."""

    row_key: str
    code: str
    detail: str


def is_operation(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of these lists, with or without names."""
    return "total_eligible" in row and "country" in row


def facts_of(operation: Operation) -> Json:
    """What of a published row goes into the project: no names, titles or summaries, and a hash to tell it from its like."""
    return {name: operation.get(name) for name in FACTS} | {"hash": hash_of(operation)}


def hash_of(operation: Operation) -> str:
    """16 hex digits over the row without its region, so that an operation listed once per county keeps one hash."""
    if operation.get("hash"):
        return str(operation["hash"])
    rest = {name: value for name, value in operation.items() if name != "region"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def row_key_of(operation: Operation) -> str:
    """Tells each line from every other: the hash, and one of the region."""
    return f"{hash_of(operation)}-{hashlib.sha256(str(operation.get('region')).encode()).hexdigest()[:8]}"


def to_row(operation: Operation, targets: Mapping[str, Target]) -> ImportRow | Refusal:
    """`targets` by region id. Refused is what has no known country or call, no readable amount or date, or another currency."""
    key = row_key_of(operation)
    region, country, town = PLACES.get(str(operation.get("country")), ("", "", ""))
    if not region:
        return Refusal(key, "unknown-country", f"No region of the programme lies in {operation.get('country')!r}.")
    if region not in targets:
        return Refusal(key, "no-call", f"No call of {region} is meant.")
    policy = targets[region].policy
    try:
        total = _total(operation, policy.currency)
        days = _days(operation)
    except ValueError as error:
        code, _, detail = str(error).partition(": ")
        return Refusal(key, code, detail)
    maker = _Maker(Dice(f"operation {hash_of(operation)}"), hash_of(operation)[:8], targets[region], country, town)
    return ImportRow(key, region, derive_id(_NAMESPACE, hash_of(operation)), maker.form(operation, total, days))


def _total(operation: Operation, currency: str) -> Money:
    """The eligible cost in the region's currency, rounded down to minor units. ValueError '<code>: <detail>'."""
    text, given = str(operation.get("total_eligible") or "").strip(), operation.get("currency")
    if not text:
        raise ValueError("no-amount: The row has no total of eligible cost.")
    try:
        total = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"unreadable-amount: {text!r} is not a decimal number.") from error
    if not total.is_finite() or total <= 0:
        raise ValueError(f"no-amount: {text} is not an amount above zero.")
    minor = int(total.scaleb(MINOR_DIGITS[currency]))
    if given == "HRK" and currency == "EUR":
        minor, given = minor * 100_000 // HRK_PER_100_000_EUR, "EUR"
    if given != currency:
        raise ValueError(f"wrong-currency: The row is in {given}, the call in {currency}.")
    return Money(minor, currency)


def _days(operation: Operation) -> int | None:
    """How long the operation lasted; None when the row has no dates. ValueError 'unreadable-date: …'."""
    start, end = _date(operation.get("start")), _date(operation.get("end"))
    return (end - start).days if start and end else None


def _date(text: Any) -> date | None:
    """From 31/12/2023, 31.12.2023 or 2023-12-31."""
    if not str(text or "").strip():
        return None
    parts = re.split(r"[./-]", str(text).strip())
    try:
        year, month, day = (int(part) for part in (parts if len(parts[0]) == 4 else reversed(parts)))
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"unreadable-date: {text!r} is not a date.") from error


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes up what the list does not say, from the dice of one operation. `mark` tells its names from others'."""

    dice: Dice
    mark: str
    target: Target
    country: str
    town: str

    def form(self, operation: Operation, total: Money, days: int | None) -> Json:
        fault = self.dice.one_of(_FAULTS, "fault") if self.dice.percent(FAILS_PERCENT, "fails") else ""
        asked = self.target.policy.largest_aid(total)
        return {
            "language": self._language(),
            "synthetic": True,
            "applicant": self._applicant(operation, fault),
            "firm": self._firm(fault),
            "project": self._project(operation, days),
            "costs": {
                "currency": total.currency,
                "total_cost_minor": total.minor,
                "requested_minor": asked.minor,
                "own_contribution_minor": (total - asked).minor,
            },
            "de_minimis": self._de_minimis(fault),
        }

    def _language(self) -> str:
        languages = self.target.policy.languages
        return languages[-1] if self.dice.percent(20, "language") else languages[0]

    def _applicant(self, operation: Operation, fault: str) -> Json:
        eligibility = self.target.policy.eligibility
        fitting = [code for code in _ACTIVITIES if code.startswith(eligibility.activity_codes)]
        name = _line(operation.get("beneficiary")) or f"Example {self.dice.one_of(_NAMES, 'name')} Studio {self.mark[:4].upper()}"
        return {
            "name": name,
            "tax_number": f"EXAMPLE-{self.mark}",
            "email": f"office@example-{self.mark}.example",
            "street": f"Example Street {self.dice.between(1, 150, 'street')}",
            "postcode": "00000",
            "town": self.town,
            "country": self.country,
            "nuts": f"{eligibility.places[0][:2]}9" if fault == "place" else self.dice.one_of(eligibility.places, "place"),
            "activity_code": "47.11" if fault == "activity" else self.dice.one_of(fitting, "activity"),
            "owners": [f"Example Holding {self.dice.between(1, HOLDINGS, 'owner'):02d}"],
        }

    def _firm(self, fault: str) -> Json:
        policy = self.target.policy
        low, high = self.dice.weighted((((1, 9), 80), ((10, 45), 16), ((50, 200), 4)), "size")
        staff = self.dice.between(low, high, "staff")
        turnover_eur_minor = staff * self.dice.between(3_000_000, 15_000_000, "turnover")
        if fault == "sme-size":
            staff, turnover_eur_minor = policy.small_firm.staff_below + staff, 3 * policy.small_firm.turnover_max_eur_minor
        return {
            "staff": staff,
            "turnover_minor": policy.from_eur_minor(turnover_eur_minor),
            "balance_minor": policy.from_eur_minor(turnover_eur_minor // 2),
            "public_control_bp": policy.small_firm.public_control_below_bp if fault == "sme-independent" else 0,
        }

    def _project(self, operation: Operation, days: int | None) -> Json:
        starts_on = self.target.closes_on + timedelta(days=self.dice.between(90, 150, "start"))
        lasts = min(max(days or self.dice.between(60, 200, "days"), 30), 240)
        made_up = f"{self.dice.one_of(_AIMS, 'aim')} {self.dice.one_of(_WORKS, 'work')} {self.mark}"
        project: Json = {
            "title": _line(operation.get("title")) or made_up,
            "summary": _text(operation.get("summary")) or "Made up for demonstration; only amounts and dates come from a published list.",
            "starts_on": starts_on.isoformat(),
            "ends_on": min(starts_on + timedelta(days=lasts), self.target.policy.programme_end).isoformat(),
            "topics": sorted({self.dice.one_of(TOPICS, "topic", number) for number in range(self.dice.between(1, 3, "topics"))}),
        }
        if self.dice.percent(40, "s3"):
            project["s3_field"] = self.dice.one_of(_S3_FIELDS, "s3 field")
        if self.dice.percent(20, "partner"):
            others = [region for region, *_ in PLACES.values() if region != self.target.policy.region]
            project["partner_region"] = self.dice.one_of(others, "partner region")
        return project

    def _de_minimis(self, fault: str) -> Json:
        policy, aid = self.target.policy, []
        granted_on = self.target.closes_on - timedelta(days=self.dice.between(60, 900, "aid day"))
        if fault == "de-minimis-ceiling":
            aid = [policy.from_eur_minor(policy.de_minimis.ceiling_minor)]
        elif self.dice.percent(20, "aid"):
            aid = [policy.from_eur_minor(self.dice.between(50_000, 1_500_000, "aid amount"))]
        given = [{"granted_on": granted_on.isoformat(), "amount_minor": amount} for amount in aid]
        return {"declared": fault != "de-minimis-declared", "aid": given}


def _line(text: Any) -> str:
    """One line of at most 200 letters."""
    return " ".join(str(text or "").split())[:200].strip()


def _text(text: Any) -> str:
    return str(text or "").strip()[:5000].strip()
