"""Calls of the officer's regions: the list, one call with its dates, money and pipeline, and its extension."""

import asyncio
from functools import partial
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.client.applications import CallExtensionInput, CallView
from portal.client.base import ApiProblem, NoAnswer
from portal.client.vouchers import CapacityView, VoucherMilestonesView
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, limit, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.officer.times import local_time
from portal.officer.words import states
from shared.texts.languages import in_language

PATH = "/officer/calls"
COLOURS = {"published": "yellow", "open": "green", "closed": "grey"}
REFUSALS = (403, 409, 422)
REASONS = {"outage": _("The platform was out of order"), "too-few": _("Too few applications"), "correction": _("The call was corrected")}
"""Code of a reason to extend → what it is called."""


def call_states(language: str) -> dict[str, str]:
    return {"published": text(language, "Announced"), "open": text(language, "Open"), "closed": text(language, "Closed")}


async def calls(visit: Visit) -> Response:
    language, regions = visit.language, await visit.regions()
    listing = Listing(
        name="calls",
        title=text(language, "All calls"),
        columns=_columns(language, regions),
        ask=partial(visit.services.applications.list_calls, await visit.caller()),
        empty=text(language, "There is no call yet."),
        filters=[Filter("state", text(language, "State"), call_states(language)), await region_filter(visit, "officer")],
        sort="-opens_at",
    )
    return await listed(visit, listing, "officer/calls.html")


def _columns(language: str, regions: Regions) -> list[Column[CallView]]:
    def zone(call: CallView) -> str:
        return regions[call.region].zone

    return [
        Column("title", text(language, "Call"), lambda one: Cell(in_language(one.title, language), f"{PATH}/{one.id}")),
        Column("region", text(language, "Region"), lambda one: in_language(regions[one.region].names, language)),
        Column(
            "state", text(language, "State"), lambda one: Cell(call_states(language)[one.state], colour=COLOURS[one.state], value=one.state)
        ),
        Column("opens_at", text(language, "Opens"), lambda one: instant(one.opens_at, zone(one), language), "opens_at"),
        Column("closes_at", text(language, "Closes"), lambda one: limit(one.closes_at, zone(one), language), "closes_at"),
        Column("submitted", text(language, "Applications"), lambda one: Cell(str(one.submitted), value=one.submitted), number=True),
        Column("envelope", text(language, "Money"), lambda one: amount(one.envelope_minor, one.currency, language), number=True),
    ]


async def call(visit: Visit) -> Response:
    applications, caller, language = visit.services.applications, await visit.caller(), visit.language
    found = await applications.get_call(caller, visit.request.path_params["call_id"])
    await visit.at(found.region)
    counts, envelope, region, milestones, capacity, public = await asyncio.gather(
        applications.list_screening_counts(caller, call_id=[found.id]), _envelope(visit, found), visit.region(found.region),
        _milestones(visit, found), _capacity(visit, found), applications.get_open_call(visit.anybody, found.number),
    )  # fmt: skip
    numbers = [counts[0].states.get(state, 0) for state in states(language)] if counts else []
    return page(
        visit, "officer/call.html", call=found, zone=region.zone, region=region, counts=next(iter(counts), None), envelope=envelope,
        milestones=milestones, capacity=capacity, step=public.step, state=call_states(language)[found.state], colour=COLOURS[found.state],
        series=list(states(language).values()),
        rows=[(in_language(found.title, language), numbers, [str(number) for number in numbers])] if numbers else [],
    )  # fmt: skip


async def _envelope(visit: Visit, found: CallView) -> object:
    """The budget of the call, as payments has it; None until it has the call, and for who may not see it."""
    try:
        return await visit.services.payments.get_envelope(await visit.caller(), found.id)
    except ApiProblem as problem:
        if problem.status in (403, 404):
            return None
        raise


async def _capacity(visit: Visit, found: CallView) -> CapacityView | None:
    """Of a call that gives hours or places; None of one that gives money, and while vouchers gives no answer."""
    try:
        return await visit.services.vouchers.get_call_capacity(await visit.caller(), found.id)
    except NoAnswer:
        return None
    except ApiProblem as problem:
        if problem.status not in (403, 404):
            raise
        return None


async def _milestones(visit: Visit, found: CallView) -> VoucherMilestonesView | None:
    """None while vouchers does not have the call, or gives no answer."""
    try:
        return await visit.services.vouchers.get_call_milestones(await visit.caller(), found.id)
    except NoAnswer:
        return None
    except ApiProblem as problem:
        if problem.status not in (403, 404):
            raise
        return None


async def ask_extension(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _extension_page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def extend(visit: Visit) -> Response:
    reader, identity, caller = Reader(visit.form, visit.language), visit.request.path_params["call_id"], await visit.caller()
    applications = visit.services.applications
    zone = (await visit.region((await applications.get_call(caller, identity)).region)).zone
    closes_at = local_time(reader, "closes_at", zone)
    if visit.form.get("reason") not in REASONS:
        reader.errors["reason"] = text(visit.language, "Choose a reason")
    if closes_at is not None and not reader.errors:
        body = CallExtensionInput(closes_at=closes_at.replace(tzinfo=ZoneInfo(zone)), reason=visit.form.get("reason"))
        try:
            await applications.post_call_extension(caller, identity, body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{PATH}/{identity}?done=extended")
    return await _extension_page(visit, reader)


async def _extension_page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    language = visit.language
    applications = visit.services.applications
    found = await applications.get_call(await visit.caller(), visit.request.path_params["call_id"])
    await visit.at(found.region)
    rounds = (await applications.get_open_call(visit.anybody, found.number)).rounds if found.round_number else []
    follows = [
        text(language, "Everybody who has begun an application gets a notice. Evaluation and the reserve list end later by as much."),
        text(language, "The end can be moved again, but not back. The old one stays on the page of the call."),
    ]
    return page(
        visit, "officer/extend.html", status=422 if reader.errors else 200, form=reader, restored=restored, call=found,
        following=next((one for one in rounds if one.round_number > (found.round_number or 0)), None),
        title=text(language, "Move the end of the call"), follows=follows, button=text(language, "Move it"), back=f"{PATH}/{found.id}",
        zone=(await visit.region(found.region)).zone, reasons={code: text(language, words) for code, words in REASONS.items()},
    )  # fmt: skip


ROUTES = [
    staff(PATH, calls),
    staff(f"{PATH}/{{call_id:uuid}}", call, live=call),
    staff(f"{PATH}/{{call_id:uuid}}/extension", ask_extension, extend),
]
