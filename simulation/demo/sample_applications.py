"""Makes applications of published operations, for demonstrations only. Amounts and durations are real; the rest is fictional.

The requested voucher is min(total × intensity, largest voucher) of the region in the operation's country. Staff, turnover, activity,
tax number, owners, topics and dates follow from a seed, which is the hash of the row without its region. So rows that differ only in
the region give the same organisation with the same project, and the second application is refused for that. About `FAILS_PERCENT` in
a hundred applications break a rule, one of each kind in turn. Every form is marked `synthetic`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.classifications import Scheme, entries, is_valid
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.published_operations import (
    COUNTRIES,
    Json,
    Operation,
    Refusal,
    TargetCall,
    duration_days,
    hash_of,
    row_key_of,
    total_cost,
)
from simulation.demo.seeded_random import SeededRandom
from simulation.sample_answers import with_own_answers

FAILS_PERCENT = 10
HOLDINGS = 40
"""Number of fictional owners, 'Example Holding 01' and up: an evaluator with a relation to one has a conflict in a few cases."""

TOPICS = ("design", "games", "film", "music", "heritage", "fashion", "publishing", "crafts", "performing-arts", "digital-tools")
_S3_FIELDS = ("creative-industries", "digital-economy", "circular-economy", "tourism", "smart-materials")
_ACTIVITIES = ("74.10", "90.03", "59.11", "62.01", "58.11", "71.11", "73.11", "18.12", "91.02", "60.10", "63.12", "85.52")
_NAMESPACE = UUID("8f1d7c52-7c56-8a55-8a3e-6f0f2d9b4c10")
_NAMES = ("Loom", "Lantern", "Kiln", "Atlas", "Prism", "Harbour", "Quill", "Echo", "Meadow", "Compass", "Anvil", "Paper")
_WORKS = ("catalogue", "workshop", "archive", "pattern library", "touring show", "studio", "game", "collection")
_AIMS = ("Digital", "Green", "Open", "Shared", "Mobile", "Accessible")
_BREAKABLE_RULES = ("sme-size", "sme-independent", "place", "activity", "de-minimis-declared", "de-minimis-ceiling")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row for POST /imports, and the region of its call."""

    row_key: str
    region: str
    organisation_id: UUID
    form: Json

    def as_json(self) -> Json:
        return {"row_key": self.row_key, "organisation_id": str(self.organisation_id), "form": self.form}


def to_import_row(operation: Operation, targets: Mapping[str, TargetCall]) -> ImportRow | Refusal:
    """`targets` by region. Refuses an operation without a known country, a call, a readable amount and date, or the call's currency."""
    key = row_key_of(operation)
    region, country, town = COUNTRIES.get(str(operation.get("country")), ("", "", ""))
    if not region:
        return Refusal(key, "unknown-country", f"No region of the programme is in {operation.get('country')!r}.")
    if region not in targets:
        return Refusal(key, "no-call", f"There is no call of {region}.")
    try:
        total = total_cost(operation, targets[region].policy.currency)
        days = duration_days(operation)
    except ValueError as error:
        code, _, detail = str(error).partition(": ")
        return Refusal(key, code, detail)
    seed = hash_of(operation)
    application = _Application(SeededRandom(f"operation {seed}"), seed[:8], targets[region], country, town)
    return ImportRow(key, region, derive_id(_NAMESPACE, seed), application.form(operation, total, days))


@dataclass(frozen=True, slots=True)
class _Application:
    """Fills in what the list does not have, from the seed of one operation. `suffix` makes its names and addresses unique."""

    random: SeededRandom
    suffix: str
    target: TargetCall
    country: str
    town: str

    def form(self, operation: Operation, total: Money, days: int | None) -> Json:
        broken_rule = self.random.one_of(_BREAKABLE_RULES, "fault") if self.random.percent(FAILS_PERCENT, "fails") else ""
        requested = self.target.policy.largest_aid(total)
        form = {
            "language": self._language(),
            "synthetic": True,
            "applicant": self._applicant(operation, broken_rule),
            "firm": self._firm(broken_rule),
            "project": self._project(operation, days),
            "costs": {
                "currency": total.currency,
                "total_cost_minor": total.minor,
                "requested_minor": requested.minor,
                "own_contribution_minor": (total - requested).minor,
            },
            "de_minimis": self._de_minimis(broken_rule),
        }
        return with_own_answers(form, self.target.form, self.random.one_of)

    def _language(self) -> str:
        languages = self.target.policy.languages
        return languages[-1] if self.random.percent(20, "language") else languages[0]

    def _applicant(self, operation: Operation, broken_rule: str) -> Json:
        eligibility = self.target.policy.eligibility
        fitting = [code for code in _ACTIVITIES if code.startswith(eligibility.activity_codes)]
        name = _line(operation.get("beneficiary")) or f"Example {self.random.one_of(_NAMES, 'name')} Studio {self.suffix[:4].upper()}"
        return {
            "name": name,
            "tax_number": fictional_tax_number(self.country, self.random),
            "email": f"office@example-{self.suffix}.example",
            "street": f"Example Street {self.random.between(1, 150, 'street')}",
            "postcode": "00000",
            "town": self.town,
            "country": self.country,
            "nuts": elsewhere(eligibility.places) if broken_rule == "place" else self.random.one_of(eligibility.places, "place"),
            "activity_code": "47.11" if broken_rule == "activity" else self.random.one_of(fitting, "activity"),
            "owners": [f"Example Holding {self.random.between(1, HOLDINGS, 'owner'):02d}"],
        }

    def _firm(self, broken_rule: str) -> Json:
        policy = self.target.policy
        low, high = self.random.weighted((((1, 9), 80), ((10, 45), 16), ((50, 200), 4)), "size")
        staff = self.random.between(low, high, "staff")
        turnover_eur_minor = staff * self.random.between(3_000_000, 15_000_000, "turnover")
        if broken_rule == "sme-size":
            staff, turnover_eur_minor = policy.small_firm.staff_below + staff, 3 * policy.small_firm.turnover_max_eur_minor
        return {
            "staff": staff,
            "turnover_minor": policy.from_eur_minor(turnover_eur_minor),
            "balance_minor": policy.from_eur_minor(turnover_eur_minor // 2),
            "public_control_bp": policy.small_firm.public_control_below_bp if broken_rule == "sme-independent" else 0,
        }

    def _project(self, operation: Operation, days: int | None) -> Json:
        starts_on = self.target.closes_on + timedelta(days=self.random.between(90, 150, "start"))
        lasts = min(max(days or self.random.between(60, 200, "days"), 30), 240)
        made_up = f"{self.random.one_of(_AIMS, 'aim')} {self.random.one_of(_WORKS, 'work')} {self.suffix}"
        project: Json = {
            "title": _line(operation.get("title")) or made_up,
            "summary": _text(operation.get("summary")) or "Made up for demonstration; only amounts and dates come from a published list.",
            "starts_on": starts_on.isoformat(),
            "ends_on": min(starts_on + timedelta(days=lasts), self.target.policy.programme_end).isoformat(),
            "topics": sorted({self.random.one_of(TOPICS, "topic", number) for number in range(self.random.between(1, 3, "topics"))}),
        }
        if self.random.percent(40, "s3"):
            project["s3_field"] = self.random.one_of(_S3_FIELDS, "s3 field")
        if self.random.percent(20, "partner"):
            others = [region for region, *_ in COUNTRIES.values() if region != self.target.policy.region]
            project["partner_region"] = self.random.one_of(others, "partner region")
        return project

    def _de_minimis(self, broken_rule: str) -> Json:
        policy, aid = self.target.policy, []
        granted_on = self.target.closes_on - timedelta(days=self.random.between(60, 900, "aid day"))
        if broken_rule == "de-minimis-ceiling":
            aid = [policy.from_eur_minor(policy.de_minimis.ceiling_minor)]
        elif self.random.percent(20, "aid"):
            aid = [policy.from_eur_minor(self.random.between(50_000, 1_500_000, "aid amount"))]
        given = [{"granted_on": granted_on.isoformat(), "amount_minor": amount} for amount in aid]
        return {"declared": broken_rule != "de-minimis-declared", "aid": given}


def elsewhere(places: Sequence[str]) -> str:
    """A region of the same country that is in none of these."""
    country = places[0][:2]
    outside = (code for code in entries(Scheme.NUTS) if code.startswith(country) and not code.startswith(tuple(places)) and len(code) == 5)
    return next(code for code in outside if is_valid(Scheme.NUTS, code))


def _line(text: Any) -> str:
    """Returns the text as one line of at most 200 characters."""
    return " ".join(str(text or "").split())[:200].strip()


def _text(text: Any) -> str:
    return str(text or "").strip()[:5000].strip()
