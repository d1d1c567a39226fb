"""The first page of an evaluator: the assignments by deadline, and how much is still to do."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.evaluation import AssignmentView, PageOfAssignmentView
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, limit, listed, region_filter
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from shared.texts.languages import in_language

HOME = "/evaluator"
PATH = f"{HOME}/assignments"
COLOURS = {"assigned": "yellow", "declared": "blue", "scored": "green", "recused": "grey", "void": "grey"}
MOST = 200


def states(language: str) -> dict[str, str]:
    """State of an assignment → its name."""
    return {
        "assigned": text(language, "To be declared"),
        "declared": text(language, "To be scored"),
        "scored": text(language, "Submitted"),
        "recused": text(language, "Given to another evaluator"),
        "void": text(language, "Withdrawn"),
    }


async def tasks(visit: Visit) -> list[Task]:
    """In the order of urgency."""
    counts = await visit.services.evaluation.get_assignment_counts(await visit.caller(), region=visit.region_as("evaluator"))
    to_declare = text(visit.language, "Applications for which you declare whether you have a conflict of interest")
    return [
        Task(to_declare, counts.assigned.count, f"{HOME}?state=assigned", counts.assigned.exact),
        Task(text(visit.language, "Applications to score"), counts.declared.count, f"{HOME}?state=declared", counts.declared.exact),
    ]


async def home(visit: Visit) -> Response:
    """Those of the person alone: an officer who evaluates too sees the others at the officers' desk."""
    caller, regions = await visit.caller(), await visit.regions()
    evaluation = visit.services.evaluation
    titles, calls = dict[str, str](), dict[UUID, str]()

    async def ask(**query: Any) -> PageOfAssignmentView:
        """Learns the names of what is shown."""
        found = await evaluation.list_assignments(caller, mine=True, **query)
        named, known = await asyncio.gather(
            titles_of(visit, [one.application_id for one in found.items]), visit.calls_by_id({one.call_id for one in found.items})
        )
        titles.update(named)
        calls.update({key: in_language(call.title, visit.language) for key, call in known.items()})
        return found

    listing = Listing(
        name="assignments",
        title=text(visit.language, "Your assignments"),
        columns=_columns(visit.language, regions, titles, calls),
        ask=ask,
        empty=text(visit.language, "No application is assigned to you. You get a mail when one is; nothing is to be done until then."),
        filters=[Filter("state", text(visit.language, "State"), states(visit.language)), await region_filter(visit, "evaluator")],
        sort="waiting",
    )
    counts = await evaluation.get_assignment_counts(caller, region=visit.region_as("evaluator"))
    waiting = counts.assigned.count + counts.declared.count
    return await listed(visit, listing, "evaluator/home.html", waiting=waiting, scored=counts.scored, late=counts.late.count)


async def titles_of(visit: Visit, applications: Sequence[UUID]) -> dict[str, str]:
    """Application → its title, of those that the person may read now."""
    if not applications:
        return {}
    found = await visit.services.applications.list_applications(await visit.caller(), application_id=[*applications], limit=MOST)
    return {str(one.id): one.title for one in found.items if one.title}


def _columns(language: str, regions: Regions, titles: dict[str, str], calls: dict[UUID, str]) -> list[Column[AssignmentView]]:
    def named(one: AssignmentView) -> Cell:
        name = titles.get(str(one.application_id)) or text(language, "Application %(number)s") % {"number": str(one.application_id)[-6:]}
        return Cell(name, f"{PATH}/{one.id}", value=str(one.application_id))

    def due(one: AssignmentView) -> Cell:
        zone = regions[one.region].zone
        late = text(language, "The date has passed") if one.overdue else ""
        return limit(one.due_at, zone, language, below=late)

    return [
        Column("application", text(language, "Application"), named),
        Column("call", text(language, "Call"), lambda one: calls.get(one.call_id, "")),
        Column("due_at", text(language, "Score until"), due, sort="due_at"),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
    ]


ROUTES = [staff(HOME, home, live=tasks)]
