"""Retention: the cases whose term is over or ends soon, and what the daily runs removed, found held, and could not remove."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.applications import RetentionResultView, RetentionRunView
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit

PATH = "/officer/retention"
RESULTS = PATH + "/results"
MOST_SHOWN = 50
"""Cases that come next, on the page."""
DAYS = ("0", "30", "90", "366")
COLOURS = {"removed": "grey", "held": "yellow", "failed": "red"}


def outcomes(language: str) -> dict[str, str]:
    return {
        "removed": text(language, "Removed"),
        "held": text(language, "Held by a legal hold"),
        "failed": text(language, "Could not be removed"),
    }


def classes(language: str) -> dict[str, str]:
    """How the case ended, which sets its term."""
    return {
        "draft": text(language, "Draft that was not sent"),
        "withdrawn": text(language, "Withdrawn, or the offer was not taken"),
        "refused": text(language, "Refused"),
        "paid": text(language, "Granted"),
    }


async def retention(visit: Visit) -> Response:
    """`days` in the query: how far ahead the list of cases looks."""
    language, regions, caller = visit.language, await visit.regions(), await visit.caller()
    days = visit.request.query_params.get("days", "30")
    days = days if days in DAYS else "30"
    where = await region_filter(visit, "officer")
    listing = Listing(
        name="retention-runs",
        title=text(language, "What is kept, and what was removed"),
        columns=_run_columns(language, regions),
        ask=partial(visit.services.applications.list_retention_runs, caller),
        empty=text(language, "No run has looked at the cases yet. One does each day; what it did stands here."),
        filters=[where],
        sort="-at",
    )
    region = listing.chosen(visit).get("region")
    due = await visit.services.applications.list_due_cases(caller, region=region, within_days=int(days), limit=MOST_SHOWN)
    spans = {
        "0": text(language, "whose term is over"), "30": text(language, "within 30 days"), "90": text(language, "within 90 days"),
        "366": text(language, "within a year"),
    }  # fmt: skip
    return await listed(
        visit, listing, "officer/retention.html", due=due, days=days, spans=spans, regions=regions, classes=classes(language),
        holds="officer" in visit.roles,
    )  # fmt: skip


def _run_columns(language: str, regions: Regions) -> list[Column[RetentionRunView]]:
    def number(one: RetentionRunView, outcome: str) -> Cell:
        count: int = getattr(one, outcome)
        return Cell(str(count), f"{RESULTS}?region={one.region}&outcome={outcome}" if count else "", value=count)

    return [
        Column("at", text(language, "Run"), lambda one: instant(one.at, regions[one.region].zone, language), sort="at"),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
        *(Column(outcome, words, partial(number, outcome=outcome), number=True) for outcome, words in outcomes(language).items()),
    ]


async def results(visit: Visit) -> Response:
    language, names = visit.language, outcomes(visit.language)
    listing = Listing(
        name="retention-results",
        title=text(language, "Cases whose term was over"),
        columns=_result_columns(language, await visit.regions(), names),
        ask=partial(visit.services.applications.list_retention_results, await visit.caller()),
        empty=text(language, "No case was removed, found held, or could not be removed."),
        filters=[Filter("outcome", text(language, "Result"), names), await region_filter(visit, "officer")],
        sort="-at",
    )
    return await listed(visit, listing)


def _result_columns(language: str, regions: Regions, names: dict[str, str]) -> list[Column[RetentionResultView]]:
    kinds: dict[str, str] = classes(language)

    def case(one: RetentionResultView) -> Cell:
        return Cell(one.receipt or text(language, "Draft"), f"/audit/case?ref={one.application_id}", value=str(one.application_id))

    def result(one: RetentionResultView) -> Cell:
        failed = text(language, "The next run tries again. If it fails again, tell the operator of the platform.")
        below = failed if one.outcome == "failed" else ""
        return Cell(names[one.outcome], colour=COLOURS[one.outcome], below=below, value=one.outcome)

    def when(value: Any, one: RetentionResultView) -> Cell:
        return instant(value, regions[one.region].zone, language)

    return [
        Column("at", text(language, "Run"), lambda one: when(one.at, one), sort="at"),
        Column("case", text(language, "Case"), case),
        Column("class", text(language, "How it ended"), lambda one: Cell(kinds[one.retention_class], value=one.retention_class)),
        Column("kept_until", text(language, "Kept until"), lambda one: when(one.kept_until, one)),
        Column("outcome", text(language, "Result"), result),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
    ]


ROUTES = [staff(PATH, retention), staff(RESULTS, results)]
