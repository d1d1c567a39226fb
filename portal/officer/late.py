"""Evaluators who do not answer: the score sheets that are late, each with the way to give its seat to another evaluator."""

from functools import partial

from starlette.responses import Response

from portal.client.evaluation import AssignmentView
from portal.kit.lists import Cell, Column, Listing, limit, listed, region_filter
from portal.kit.names import named
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

PATH = "/officer/evaluation/late"


async def late(visit: Visit) -> Response:
    """The longest overdue first."""
    regions, language = await visit.regions(), visit.language
    names = await named(visit, [])

    def evaluator(one: AssignmentView) -> Cell:
        return Cell(names.evaluator(one.evaluator_id), f"/officer/cases/{one.application_id}/evaluation")

    def replacement(one: AssignmentView) -> Cell:
        return Cell(text(language, "Give the seat to another evaluator"), f"/officer/assignments/{one.id}/replacement")

    listing = Listing(
        name="late",
        title=text(language, "Late score sheets"),
        columns=[
            Column("evaluator", text(language, "Evaluator"), evaluator),
            Column("due_at", text(language, "Due"), lambda one: limit(one.due_at, regions[one.region].zone, language), sort="due_at"),
            Column("declared", text(language, "Declared"), lambda one: text(language, "Yes") if one.declared_at else text(language, "No")),
            Column("replacement", text(language, "What you can do"), replacement),
        ],
        ask=names.learning(partial(visit.services.evaluation.list_assignments, await visit.caller(), late=True), "evaluator_id"),
        empty=text(language, "No score sheet is late. Evaluators are reminded by mail before the date; what does not come stands here."),
        filters=[await region_filter(visit, "officer")],
        sort="due_at",
    )
    return await listed(visit, listing)


ROUTES = [staff(PATH, late)]
