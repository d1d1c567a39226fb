"""May this file be handed in now?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.applications.domain.form import Form, known, unanswered
from shared.kernel.errors import Conflict, Refused
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Window:
    """`closed` is set once the end has been told to the others: from then on nothing is counted in. `zone` is for messages."""

    opens_at: datetime
    closes_at: datetime
    closed: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Project:
    """The answers that a complete file has for certain."""

    title: str
    starts_on: date
    ends_on: date
    requested_minor: int


def check_time(state: str, repair_by: datetime | None, window: Window, now: datetime) -> None:
    """`Conflict` for a state that cannot be handed in; `Refused` 'too-early' or 'too-late' with the instant in the region's zone."""
    if state not in ("draft", "returned"):
        raise Conflict("wrong-state", f"The application is {state}.", state=state)
    if repair_by is not None:
        if now >= repair_by:
            raise _too_late(repair_by, window.zone)
        return
    if now < window.opens_at:
        raise Refused("too-early", f"The call opens on {local(window.opens_at, window.zone)}.", opens_at=window.opens_at)
    if window.closed or now >= window.closes_at:
        raise _too_late(window.closes_at, window.zone)


def _too_late(end: datetime, zone: str) -> Refused:
    return Refused("too-late", f"The time to hand in ended on {local(end, zone)}.", ended_at=end, zone=zone)


def local(instant: datetime, zone: str) -> str:
    """'14 January 2026 at 15:00:00 EET': the wall time where the applicant is."""
    return f"{instant.astimezone(ZoneInfo(zone)):%d %B %Y at %H:%M:%S %Z}"


def check_complete(form: Form, policy: Policy, regions: Collection[str]) -> Project:
    """What was handed in, once nothing is missing or contradictory. `Refused` names the first field, 'incomplete' all that is missing.

    What a person may get wrong is refused here; what the programme does not fund is found by the rules, in screening.
    """
    missing = unanswered(form)
    if missing:
        raise Refused("incomplete", f"{len(missing)} answers are missing.", field=missing[0], missing=missing)
    project, costs = form.project, form.costs
    starts_on, ends_on = known(project.starts_on), known(project.ends_on)
    if costs.currency != policy.currency:
        raise Refused("wrong-currency", f"This call is in {policy.currency}.", field="costs.currency")
    if form.language not in policy.languages:
        raise Refused("unknown-language", f"This call takes {', '.join(policy.languages)}.", field="language")
    if ends_on < starts_on:
        raise Refused("dates-out-of-order", "The project ends before it starts.", field="project.ends_on")
    if ends_on > policy.programme_end:
        raise Refused("after-programme-end", f"The programme ends on {policy.programme_end}.", field="project.ends_on")
    if project.partner_region is not None and (project.partner_region not in regions or project.partner_region == policy.region):
        raise Refused("unknown-partner-region", "A partner comes from another region of the programme.", field="project.partner_region")
    return Project(known(project.title), starts_on, ends_on, known(costs.requested_minor))
