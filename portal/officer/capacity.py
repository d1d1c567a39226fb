"""More hours or places for a call: an officer proposes so many vouchers more, and finance confirms them."""

from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.vouchers import CapacityChangeInput, CapacityChangeView
from portal.kit.lists import every
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

PATH = "/officer/calls/{call_id:uuid}/capacity"
REFUSALS = (403, 409, 422)
VOUCHERS_NEEDED = _("Enter how many vouchers more, for example 5")
REASON_NEEDED = _("Say why. Finance reads it")


async def show(visit: Visit) -> Response:
    return await _page(visit, Reader(await visit.take_kept() or (), visit.language))


async def change(visit: Visit) -> Response:
    """Proposes it, or takes back what waits."""
    reader, vouchers, call_id = Reader(visit.form, visit.language), visit.services.vouchers, _id(visit)
    if visit.form.get("step") == "back":
        change_id = visit.form.get("change_id")
        open_ones = {str(one.id) for one in await _changes(visit, call_id) if one.state == "proposed"}
        if change_id not in open_ones:
            return go(f"/officer/calls/{call_id}/capacity")
        ask = partial(vouchers.post_capacity_change_withdrawal, await visit.caller(), change_id)
    else:
        more, reason = reader.number("vouchers", VOUCHERS_NEEDED), reader.line("reason", REASON_NEEDED)
        if not reader.errors and not 1 <= more <= 100_000:
            reader.errors["vouchers"] = text(visit.language, VOUCHERS_NEEDED)
        if reader.errors:
            return await _page(visit, reader)
        ask = partial(vouchers.post_call_capacity_change, await visit.caller(), call_id, CapacityChangeInput(vouchers=more, reason=reason))
    try:
        await ask()
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        return await _page(visit, reader)
    return go(f"/officer/calls/{call_id}/capacity?done={'back' if visit.form.get('step') == 'back' else 'proposed'}")


async def _page(visit: Visit, reader: Reader) -> Response:
    caller, call_id = await visit.caller(), _id(visit)
    call = await visit.services.applications.get_call(caller, str(call_id))
    await visit.at(call.region)
    changes = await _changes(visit, call_id)
    names = await named(visit, [actor for one in changes for actor in (one.proposed_by, one.decided_by)])
    return page(
        visit, "officer/capacity.html", status=422 if reader.errors else 200, form=reader, call=call, who=names.by,
        capacity=await visit.services.vouchers.get_call_capacity(caller, call_id), changes=changes,
        zone=(await visit.region(call.region)).zone,
    )  # fmt: skip


async def _changes(visit: Visit, call_id: UUID) -> list[CapacityChangeView]:
    found: list[CapacityChangeView] = await every(
        partial(visit.services.vouchers.list_capacity_changes, await visit.caller()), call_id=call_id
    )
    return found


def _id(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["call_id"]))


ROUTES = [staff(PATH, show, change)]
