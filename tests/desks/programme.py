"""Rules and calls for the desks: a case passes all stages within a minute, and a person at a browser still has time on each page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from operations.client import Person
from shared.kernel.money import BASIS
from shared.policy.call import CallDefinition
from shared.policy.loader import policy_files
from shared.policy.schema import Policy
from simulation.demo.behaviour import Answer, Behaviour, BehaviourProfile, PlannedOutcome
from simulation.demo.organisations import Organisations
from simulation.demo.region import Json, Region
from simulation.provider.people import NUMBERS, user_name

DAY_SECONDS = 10
BEGINS = date(2025, 12, 6)
"""A Saturday: the platform starts during the weekend, and its five working days after it have no holiday in any region."""
TERMS = {"appeal": "1 calendar-days", "evaluation.due": "5 working-days"}
NUMBERS_IN_RULES = {"approvals.account_cooling_off_days": "0"}
REPORT = (
    ("[small_firm]\n", '[report]\nwithin = { value = 60, unit = "calendar-days", start = "day-after" }\n\n'),
    ('"small_firm" =', '"report" = "default"\n'),
)
"""What stands in a policy, and what is added before it."""
HOURS = ("be-kortrijk", "mentor-hours")
"""A scheme that gives no money, whose rules hold from the first day on."""
TWO_STEPS = ("dk-kolding", ("design-partnerships-interest", "design-partnerships"))
"""The schemes of an expression of interest and of the application to which it leads; they hold from the first day on too."""
OPENS_AFTER, OPEN_FOR = timedelta(hours=5), timedelta(days=1)
"""A call opens so long after it is published, and is open so long; it is extended when its applications are not all submitted."""
POINTS_BP = 8_500
"""Of the points of each criterion, by every evaluator: above every threshold."""
EVERYBODY_AGREES = BehaviourProfile(
    individual_percent=100,
    returned_percent=0,
    withdrawn_application_percent=0,
    claim_rejected_percent=0,
    claim_cut_percent=0,
    conflict_percent=0,
    divergent_percent=0,
    answers=((Answer.ACCEPT, 100),),
    outcomes=((PlannedOutcome.PLAIN, 100),),
    parts=(((100,), 100),),
    answer_days=(0, 0),
    claim_days=(0, 0),
    check_days=(0, 0),
    seal_every=timedelta(),
)
BANK_PERCENT = dict.fromkeys(("REJECTED", "RETURNED", "LATE", "UNANSWERED_BOOKED", "UNANSWERED_REJECTED"), "0")
"""The simulated bank pays everything."""


@dataclass(frozen=True)
class Agreeing(Behaviour):
    """Everybody agrees at once, and every case deserves its award."""

    profile: BehaviourProfile = EVERYBODY_AGREES

    def score_sheet(self, evaluator: str, case: str, points_max: Any, *, raised: int = 0) -> dict[str, int]:
        return {criterion: most * POINTS_BP // BASIS for criterion, most in points_max.items()}


@dataclass
class CallRegion(Region):
    """What the actors see of a region: one call, and of it the applications of `submitted`."""

    async def list_all(self, person: Person, path: str, **query: Any) -> list[Any]:
        own, items = set(self.submitted.values()), await super().list_all(person, path, **query)
        return [item for item in items if item.get("application_id") is None or item["application_id"] in own]


def ask_for_reports(regions: Path) -> None:
    """At the end of a project, which the first rules of the regions do not ask for."""
    for path in policy_files(regions):
        text = path.read_text(encoding="utf-8")
        for before, addition in () if "[report]" in text else REPORT:
            text = text.replace(before, addition + before, 1)
        path.write_text(text, encoding="utf-8")


def call_of(policy: Policy, now: datetime, slug: str, rows: Sequence[Json]) -> CallDefinition:
    """A call that opens soon after programme instant `now`, and has money for each of the rows."""
    opens_at = (now + OPENS_AFTER).astimezone(ZoneInfo(policy.zone)).replace(tzinfo=None, microsecond=0)
    requested_minor = sum(row["form"]["costs"]["requested_minor"] for row in rows)
    return CallDefinition(
        id=slug,
        region=policy.region,
        scheme=policy.scheme,
        title=dict.fromkeys(policy.languages, f"Call {re.sub('-', ' ', slug)}"),
        opens_at=opens_at,
        closes_at=opens_at + OPEN_FOR,
        evaluation_due=(opens_at + timedelta(days=20)).date(),
        reserve_list_ends=(opens_at + timedelta(days=60)).date(),
        reminders_before_days=(1,),
        envelope_minor=max(2 * requested_minor, policy.value.largest_minor),
        currency=policy.currency,
    )


def organisations_of(region: str, rows: Sequence[Json]) -> Organisations:
    """They belong to the applicants of the demonstration, who can sign in at a browser, in turn."""
    owners = {row["organisation_id"]: user_name("applicant", 1 + at % NUMBERS["applicant"], region) for at, row in enumerate(rows)}
    return Organisations(owners.__getitem__)
