"""The first page of an evaluator: the assignments by deadline, and how much is still to do."""

from functools import partial
from typing import Literal

from starlette.responses import Response

from portal.client.evaluation import AssignmentView
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, listed
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from shared.texts.formats import last_moment
from shared.texts.languages import in_language

PATH = "/evaluator/assignments"
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
    caller, evaluation = await visit.caller(), visit.services.evaluation
    found, waiting = [], dict[Literal["assigned", "declared"], str]()
    waiting["assigned"] = text(visit.language, "Applications for which you declare whether you have a conflict of interest")
    waiting["declared"] = text(visit.language, "Applications to score")
    for state, words in waiting.items():
        listing = await evaluation.list_assignments(caller, state=state, mine=True, limit=1)
        found.append(Task(words, listing.total, f"/evaluator?state={state}", listing.total_is_exact))
    return found


async def home(visit: Visit) -> Response:
    """Those of the person alone: an officer who evaluates too sees the others at the officers' desk."""
    caller = await visit.caller()
    titles = await titles_of(visit)
    calls = await visit.services.evaluation.list_assignments(caller, mine=True, limit=MOST)
    named = await visit.calls_by_id({one.call_id for one in calls.items})
    regions = await visit.regions()
    waiting = [one for one in calls.items if one.state in ("assigned", "declared")]
    listing = Listing(
        name="assignments",
        title=text(visit.language, "Your assignments"),
        columns=_columns(visit.language, regions, titles, {key: in_language(call.title, visit.language) for key, call in named.items()}),
        ask=partial(visit.services.evaluation.list_assignments, caller, mine=True),
        empty=text(visit.language, "No application is assigned to you. You get a mail when one is; nothing is to be done until then."),
        filters=[Filter("state", text(visit.language, "State"), states(visit.language))],
        sort="due_at",
    )
    late = sum(one.overdue for one in waiting)
    return await listed(visit, listing, "evaluator/home.html", waiting=len(waiting), scored=len(calls.items) - len(waiting), late=late)


async def titles_of(visit: Visit) -> dict[str, str]:
    """Application → its title, of those that the person may read now."""
    found = await visit.services.applications.list_applications(await visit.caller(), limit=MOST)
    return {str(one.id): one.title for one in found.items if one.title}


def _columns(language: str, regions: Regions, titles: dict[str, str], calls: dict[object, str]) -> list[Column[AssignmentView]]:
    def named(one: AssignmentView) -> Cell:
        name = titles.get(str(one.application_id)) or text(language, "Application %(number)s") % {"number": str(one.application_id)[-6:]}
        return Cell(name, f"{PATH}/{one.id}", value=str(one.application_id))

    def due(one: AssignmentView) -> Cell:
        zone = regions[one.region].zone
        late = text(language, "The date has passed") if one.overdue else ""
        return Cell(last_moment(one.due_at, zone, language), below=late, value=one.due_at)

    return [
        Column("application", text(language, "Application"), named),
        Column("call", text(language, "Call"), lambda one: calls.get(one.call_id, "")),
        Column("due_at", text(language, "Score until"), due, sort="due_at"),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
    ]


ROUTES = [staff("/evaluator", home, live=tasks)]
