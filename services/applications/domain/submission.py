"""Decides whether an application may be submitted now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain.answers import places_at_odds, sums_at_odds
from services.applications.domain.form import Form, answers_of, known, unanswered
from services.applications.domain.states import EDITABLE
from shared.kernel.errors import Conflict, Refused
from shared.policy.form import FormDefinition
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a call. `closed` is set once CallClosed is published: from then on the count in that event is final.
    `zone` is the region's, for messages."""

    opens_at: datetime
    closes_at: datetime
    closed: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Project:
    """The answers that every complete application has."""

    title: str
    starts_on: date
    ends_on: date
    requested_minor: int


def check_time(state: str, repair_by: datetime | None, window: Window, now: datetime) -> None:
    """Raises `Conflict` 'wrong-state'; `Refused` 'not-open-yet' or 'deadline-passed', with the instant in the region's zone.

    A returned application has its own deadline (`correction_ends`), which may be after the end of the call.
    """
    if state not in EDITABLE:
        raise Conflict("wrong-state", "The application is {state}.", state=state)
    if repair_by is not None:
        if now >= (until := correction_ends(repair_by, window.closes_at)):
            raise _deadline_passed(until, window.zone)
        return
    if now < window.opens_at:
        raise Refused("not-open-yet", "The call opens on {opens_at}.", opens_at=window.opens_at, zone=window.zone)
    if window.closed or now >= window.closes_at:
        raise _deadline_passed(window.closes_at, window.zone)


def correction_ends(repair_by: datetime, closes_at: datetime) -> datetime:
    """Who is asked to correct an application has no less time than who has not submitted one yet, also when the call is extended."""
    return max(repair_by, closes_at)


def _deadline_passed(end: datetime, zone: str) -> Refused:
    return Refused("deadline-passed", "The time to submit ended on {ended_at}.", ended_at=end, zone=zone)


def check_complete(form: Form, policy: Policy, definition: FormDefinition, regions: Collection[str], *, files: bool = True) -> Project:
    """The project, when no answer is missing and none contradicts another. `Refused` names the first field; 'incomplete' has all paths
    that are missing. `files` False: a row of a list, whose files its officer has, may lack them.

    Mistakes of the applicant are refused here; what the programme does not fund is found by the eligibility rules, in screening.
    """
    missing = [name for name in unanswered(form, definition) if files or name not in definition.file_questions]
    if missing:
        raise Refused("incomplete", "These answers are missing: {missing}.", field=missing[0], missing=missing)
    project, costs = form.project, form.costs
    starts_on, ends_on = known(project.starts_on), known(project.ends_on)
    if costs.currency != policy.currency:
        raise Refused("wrong-currency", "Amounts in this call are in {currency}.", field="costs.currency", currency=policy.currency)
    if form.language not in policy.languages:
        languages = list(policy.languages)
        raise Refused(
            "unknown-language", "Applications in this call are written in one of: {languages}.", field="language", languages=languages
        )
    if ends_on < starts_on:
        raise Refused("dates-out-of-order", "The project ends before it starts.", field="project.ends_on")
    if ends_on > policy.programme_end:
        programme_end = policy.programme_end
        raise Refused("after-programme-end", "The programme ends on {programme_end}.", field="project.ends_on", programme_end=programme_end)
    if project.partner_region is not None and (project.partner_region not in regions or project.partner_region == policy.region):
        raise Refused("unknown-partner-region", "A partner comes from another region of the programme.", field="project.partner_region")
    for fault in places_at_odds(form):
        region, country = fault.facts["region"], fault.facts["country"]
        raise Refused(
            "nuts-elsewhere", "The region {region} is not in the country {country}.", field=fault.question, region=region, country=country
        )
    answers = answers_of(form)
    for table, question in sums_at_odds(definition.asked(answers), answers):
        raise Refused("sum-differs", "The sum of {table} has to be the answer to {question}.", field=table, table=table, question=question)
    return Project(known(project.title), starts_on, ends_on, known(costs.requested_minor))
