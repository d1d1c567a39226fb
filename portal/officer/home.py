"""The first page of officers: what waits, the calls with their pipeline, the deadlines that come next."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import OpenCallView, PipelineView
from portal.kit.desks import Task
from portal.kit.formats import last_moment, moment
from portal.kit.pages import page
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.officer import (
    aid,
    changes,
    claims,
    drafts,
    erasures,
    evaluation,
    providers,
    reports,
    rules,
    screening,
    sessions,
    undertakings,
    vouchers,
)
from portal.officer.words import states
from shared.texts.languages import in_language

MOST_SHOWN = 12
"""Calls in the picture, the newest ones, and deadlines below it."""


async def tasks(visit: Visit) -> list[Task]:
    """In the order of urgency."""
    caller, services, region = await visit.caller(), visit.services, visit.region_as("officer")
    of_cases, of_vouchers, of_payments, to_evaluate, of_links = await asyncio.gather(
        services.applications.get_desk(caller, region=region),
        services.vouchers.get_desk(caller, region=region),
        services.payments.get_officer_desk(caller, region=region),
        evaluation.tasks(visit), undertakings.tasks(visit),
    )  # fmt: skip
    to_screen, to_publish = await screening.tasks(visit, of_cases), [*drafts.tasks(visit, of_cases), *rules.tasks(visit, of_cases)]
    to_change = [task for room in (changes, reports, sessions) for task in room.tasks(visit, of_vouchers)]
    at_risk = vouchers.tasks(visit, of_vouchers)
    to_check, to_enter, to_register = (room.tasks(visit, of_payments) for room in (claims, aid, providers))
    to_decide = [*to_evaluate, *to_check, *to_enter, *of_links, *to_change, *to_register]
    of_records = erasures.tasks(visit, of_cases)
    return [*to_screen[:1], *to_decide, *to_publish, *to_screen[1:], *at_risk, *of_records]


async def _pipelines(visit: Visit, shown: list[OpenCallView]) -> dict[UUID, PipelineView]:
    """By call; as they were two seconds ago at the earliest, for all officers of the region."""
    calls = [call.id for call in shown]

    async def asked() -> list[PipelineView]:
        return await visit.services.applications.list_pipelines(await visit.caller(), call_id=calls) if calls else []

    return {one.call_id: one for one in await visit.services.pipelines.get(tuple(calls), asked)}


async def home(visit: Visit) -> Response:
    language, chosen = visit.language, visit.region_as("officer")
    regions = [chosen] if chosen else visit.regions_by_role.get("officer", [])
    mine = [call for call in await visit.newest_calls() if call.region in regions]
    waiting, counts = await asyncio.gather(tasks(visit), _pipelines(visit, mine[:MOST_SHOWN]))
    return page(
        visit, "officer/home.html", tasks=[task for task in waiting if task.count], calls=mine[:MOST_SHOWN],
        series=list(states(language).values()), rows=_pipeline(mine[:MOST_SHOWN], counts, language),
        deadlines=_deadlines(mine, language)[:MOST_SHOWN],
    )  # fmt: skip


def _pipeline(found: list[OpenCallView], counts: Mapping[UUID, PipelineView], language: str) -> list[tuple[str, list[int], list[str]]]:
    """Of each call with an application its name, and how many are in each state."""
    rows = []
    for call in found:
        if call.id in counts:
            numbers = [counts[call.id].states.get(state, 0) for state in states(language)]
            rows.append((in_language(call.title, language), numbers, [str(number) for number in numbers]))
    return rows


def _deadlines(found: list[OpenCallView], language: str) -> list[tuple[datetime, str, str, OpenCallView]]:
    """What comes next in each call: the instant, how it is shown, what it is, and the call. Of an end the last minute is shown in which one
    may still act, an opening as it is."""
    named = [
        (instant, shown(instant, call.zone, language), words, call)
        for call in found
        for instant, shown, words in (
            (call.opens_at, moment, text(language, "opens")),
            (call.closes_at, last_moment, text(language, "closes")),
            (call.evaluation_due_at, last_moment, text(language, "evaluation is due")),
        )
        if instant > call.as_of
    ]
    return sorted(named, key=lambda one: one[0])


ROUTES = [staff("/officer", home, live=home)]
