"""Decides whether an application may be submitted now."""

from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain.answers import Fault, Setting, answers_at_odds, sums_at_odds
from services.applications.domain.figures import figures_at_odds, refusal_of
from services.applications.domain.form import Form, answers_of, known
from services.applications.domain.states import EDITABLE
from shared.kernel.errors import Conflict, Refused
from shared.policy.form import FormDefinition


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


def check_complete(form: Form, definition: FormDefinition, setting: Setting, *, files: bool = True) -> Project:
    """The project, when no answer is missing and none contradicts another. `Refused` names the first field; 'incomplete' has all paths
    that are missing. `files` False: a row of a list, whose files its officer has, may lack them.

    Mistakes of the applicant are refused here; what the programme does not fund is found by the eligibility rules, in screening.
    """
    answers = answers_of(form)
    missing = [name for name in definition.unanswered(answers) if files or name not in definition.file_questions]
    if missing:
        raise Refused("incomplete", "These answers are missing: {missing}.", field=missing[0], missing=missing)
    project, costs, policy = form.project, form.costs, setting.policy
    if costs.currency != policy.currency:
        raise Refused("wrong-currency", "Amounts in this call are in {currency}.", field="costs.currency", currency=policy.currency)
    if form.language not in policy.languages:
        languages = list(policy.languages)
        raise Refused(
            "unknown-language", "Applications in this call are written in one of: {languages}.", field="language", languages=languages
        )
    for fault in [*answers_at_odds(form, setting), *figures_at_odds(form, definition, setting)]:
        raise refusal_of(fault) or _at_odds(fault)
    for table, question in sums_at_odds(definition.asked(answers), answers):
        raise Refused("sum-differs", "The sum of {table} has to be the answer to {question}.", field=table, table=table, question=question)
    return Project(known(project.title), known(project.starts_on), known(project.ends_on), known(costs.requested_minor))


def _at_odds(fault: Fault) -> Refused:
    """The refusal of a contradiction that `answers_at_odds` has found."""
    field, facts = fault.question, fault.facts
    if fault.kind == "dates_out_of_order":
        return Refused("dates-out-of-order", "The project ends before it starts.", field=field)
    if fault.kind == "after_programme_end":
        programme_end = facts["programme_end"]
        return Refused("after-programme-end", "The programme ends on {programme_end}.", field=field, programme_end=programme_end)
    if fault.kind == "unknown_partner_region":
        return Refused("unknown-partner-region", "A partner comes from another region of the programme.", field=field)
    if fault.kind == "aid_to_come":
        return Refused("aid-to-come", "Only aid that is granted already belongs in the list: today or earlier.", field=field)
    region, country = facts["region"], facts["country"]
    return Refused("nuts-elsewhere", "The region {region} is not in the country {country}.", field=field, region=region, country=country)
