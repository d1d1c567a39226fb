"""Calls that give hours or places: finance confirms what they give, as it confirms an envelope."""

from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.vouchers import CapacityDecisionInput, CapacityView
from portal.finance.acts import CONFIRMATION, Act, act, confirms, decisions, part
from portal.kit.desks import Task
from portal.kit.formats import unit_name, units
from portal.kit.lists import Cell, Column, Filter, Listing, listed, region_filter
from portal.kit.names import named
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.texts.languages import in_language

PATH = "/finance/capacities"
MOST = 200


async def task(visit: Visit) -> Task:
    """What waits for finance here."""
    region = visit.region_as("finance")
    found = await visit.services.vouchers.list_capacities(await visit.caller(), region=region, awaiting=True, limit=1)
    return Task(text(visit.language, "Hours and places of calls to confirm"), found.total, f"{PATH}?awaiting=true", found.total_is_exact)


async def capacities(visit: Visit) -> Response:
    language, regions, caller = visit.language, await visit.regions(), await visit.caller()
    shown = await visit.services.vouchers.list_capacities(caller, limit=MOST)
    calls = await visit.calls_by_id(one.call_id for one in shown.items)
    names = {
        "supplied": text(language, "In the whole call"), "reserved": text(language, "Held for offers"),
        "committed": text(language, "Held by vouchers"), "attended": text(language, "Used up"), "available": text(language, "Left"),
    }  # fmt: skip

    def count(name: str) -> Column[CapacityView]:
        def cell(one: CapacityView) -> Cell:
            return Cell(units(getattr(one, name), one.unit, language), value=getattr(one, name))

        return Column(name, names[name], cell, number=True)

    def state(one: CapacityView) -> Cell:
        if one.open_change_id:
            return Cell(text(language, "More to confirm"), f"{PATH}/{one.call_id}/changes/{one.open_change_id}{CONFIRMATION}", value="more")
        if one.awaits_confirmation:
            return Cell(text(language, "To confirm"), f"{PATH}/{one.call_id}/confirmation", value="awaits")
        return Cell(text(language, "Confirmed") if one.confirmed_at else text(language, "Needs none"), value="open")

    def title(one: CapacityView) -> str:
        return in_language(calls[one.call_id].title, language) if one.call_id in calls else "–"

    listing: Listing[CapacityView] = Listing(
        name="capacities",
        title=text(language, "Hours and places of calls"),
        columns=[
            Column("call", text(language, "Call"), title),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language), "region"),
            *(count(name) for name in names),
            Column("unit", text(language, "Unit"), lambda one: unit_name(one.unit, language)),
            Column("state", text(language, "Confirmation"), state),
        ],
        ask=partial(visit.services.vouchers.list_capacities, caller),
        empty=text(language, "No call gives hours or places. One appears here when an officer publishes it."),
        filters=[Filter("awaiting", text(language, "To confirm"), {"true": text(language, "Yes")}), await region_filter(visit, "finance")],
    )
    return await listed(visit, listing)


async def _confirmation(visit: Visit) -> Act:
    language = visit.language
    found = await visit.services.vouchers.get_call_capacity(await visit.caller(), part("call_id")(visit))
    await visit.at(found.region)
    call = (await visit.calls_by_id([found.call_id])).get(found.call_id)
    facts = {"call": in_language(call.title, language) if call else "–", "given": units(found.supplied, found.unit, language)}
    return Act(
        title=text(language, "Confirm hours or places of a call"),
        follows=[
            text(language, "%(call)s gives %(given)s. No money is paid for it.") % facts,
            text(language, "Awards that wait get their offers at once. Who published the call cannot confirm it."),
        ],
        button=text(language, "Confirm it"),
        step=lambda caller, _: visit.services.vouchers.post_call_capacity_confirmation(caller, found.call_id),
        back=PATH,
        done=PATH,
    )


async def _decision(visit: Visit) -> Act:
    """More of it. `ApiProblem` 404 when it is decided, or of another call."""
    language, yes, vouchers = visit.language, confirms(visit), visit.services.vouchers
    asked = await vouchers.list_capacity_changes(await visit.caller(), call_id=UUID(part("call_id")(visit)), state="proposed")
    change = next((one for one in asked.items if str(one.id) == part("change_id")(visit)), None)
    if change is None:
        raise ApiProblem(404, {"code": "no-such-proposal"})
    await visit.at(change.region)
    call = (await visit.calls_by_id([change.call_id])).get(change.call_id)
    names = await named(visit, [change.proposed_by])
    facts = {
        "call": in_language(call.title, language) if call else "–", "more": units(change.units, change.unit, language),
        "count": change.vouchers, "who": names.by(change.proposed_by), "reason": change.reason,
    }  # fmt: skip
    here = f"{PATH}/{change.call_id}/changes/{change.id}"
    asks = text(language, "%(who)s proposes %(more)s more for %(call)s: %(count)s vouchers. The reason: %(reason)s") % facts
    confirming = [
        asks, text(language, "Where the call has a reserve list that is still open, the next ones get their offers at once, in its order."),
        text(language, "You have not proposed it, and did not publish the call. It cannot be undone."),
    ]  # fmt: skip
    return Act(
        title=text(language, "Confirm more hours or places") if yes else text(language, "Refuse more hours or places"),
        follows=confirming if yes else [asks, text(language, "Nothing is given. The officer can propose again.")],
        button=text(language, "Confirm it") if yes else text(language, "Refuse it"),
        step=lambda caller, _: vouchers.post_capacity_change_decision(caller, change.id, CapacityDecisionInput(confirmed=yes)),
        back=PATH, done=PATH, template="finance/capacity-change.html",
        values={"other": f"{here}/rejection" if yes else here + CONFIRMATION, "yes": yes},
    )  # fmt: skip


ROUTES = [
    staff(PATH, capacities),
    *decisions(f"{PATH}/{{call_id:uuid}}/changes/{{change_id:uuid}}", _decision),
    act(f"{PATH}/{{call_id:uuid}}/confirmation", _confirmation),
]
