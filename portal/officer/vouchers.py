"""Vouchers of the officer's regions: the list, those at risk first; one with what an officer may do to it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.vouchers import DeskView, ExtensionInput, Reason, VoucherDetail, VoucherView
from portal.kit.desks import Task
from portal.kit.formats import units
from portal.kit.lists import Cell, Column, Filter, Listing, amount, limit, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.sessions import COLOURS as BOOKING_COLOURS
from portal.kit.sessions import states as states_of_bookings
from portal.kit.texts import text
from portal.kit.visit import MOST_CALLS, Regions, Visit
from portal.kit.vouchers import title_of, unless_down
from shared.texts.languages import in_language

PATH = "/officer/vouchers"
COLOURS = {"offered": "yellow", "issued": "green", "claiming": "yellow", "closed": "grey"}
REFUSALS = (403, 409, 422)
REASON_NEEDED, DAY_NEEDED = _("Choose a reason"), _("Enter the new last day, for example 30 9 2026")


def states(language: str) -> dict[str, str]:
    """State of a voucher → its name."""
    return {
        "requested": text(language, "Money is being reserved"),
        "offered": text(language, "Offered"),
        "accepted": text(language, "Accepted"),
        "issued": text(language, "Can be used"),
        "claiming": text(language, "Last claims"),
        "settling": text(language, "Being settled"),
        "releasing": text(language, "Being closed"),
        "closed": text(language, "Closed"),
    }


def risks(language: str) -> dict[str, str]:
    """Why an officer should look at a voucher → the name of it."""
    return {
        "expiring": text(language, "Ends within 30 days"),
        "silent": text(language, "Nothing claimed for 60 days"),
        "overdue": text(language, "An answer is late"),
        "suspended": text(language, "Suspended"),
    }


def acts(language: str) -> dict[str, tuple[str, list[str], str, dict[str, str]]]:
    """Act → its title, what follows, its button, and its reasons by code."""
    inquiry, ended = text(language, "There is an inquiry"), text(language, "The inquiry has ended")
    return {
        "suspension": (
            text(language, "Suspend the voucher"),
            [text(language, "Claims and payments wait until an officer lets them go on."), text(language, "The dates do not move.")],
            text(language, "Suspend it"),
            {"under-inquiry": inquiry, "documents-missing": text(language, "Documents are missing")},
        ),
        "resumption": (
            text(language, "Let the voucher go on"),
            [text(language, "Claims and payments go on where they stopped.")],
            text(language, "Let it go on"),
            {"inquiry-ended": ended, "documents-given": text(language, "The documents are there")},
        ),
        "revocation": (
            text(language, "Revoke the voucher"),
            [
                text(language, "It ends at once, and this cannot be undone."),
                text(language, "What is not at the bank yet is cancelled. What was paid is asked back."),
                text(language, "The rest of the money goes back to the call."),
            ],
            text(language, "Revoke it"),
            {
                "irregularity-found": text(language, "An irregularity was found"),
                "business-ended": text(language, "The business has ended"),
                "terms-broken": text(language, "The terms of the agreement were not kept"),
            },
        ),
        "extension": (
            text(language, "Extend the voucher"),
            [
                text(
                    language,
                    "It can be used until the end of the new day, and claims end later by as much. The rules say how often and how long.",
                )
            ],
            text(language, "Extend it"),
            {
                "late-delivery": text(language, "The provider delivers late"),
                "asked-by-beneficiary": text(language, "The beneficiary asked for it"),
            },
        ),
    }


def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """What waits for officers here."""
    words = {
        "suspended": text(visit.language, "Suspended vouchers"),
        "expiring": text(visit.language, "Vouchers that end within 30 days"),
        "silent": text(visit.language, "Vouchers of which nothing was claimed for 60 days"),
        "overdue": text(visit.language, "Vouchers about which an answer is late"),
    }
    counts = {"suspended": desk.suspended, "expiring": desk.expiring, "silent": desk.silent, "overdue": desk.overdue}
    return [Task(words[risk], one.count, f"{PATH}?risk={risk}", one.exact) for risk, one in counts.items()]


async def vouchers(visit: Visit) -> Response:
    regions, language, caller = await visit.regions(), visit.language, await visit.caller()
    calls = await visit.services.applications.list_calls(caller, limit=MOST_CALLS, sort="-opens_at")
    listing = Listing(
        name="vouchers",
        title=text(language, "Vouchers"),
        columns=_columns(language, regions),
        ask=partial(visit.services.vouchers.list_vouchers, caller),
        empty=text(language, "There is no voucher yet. Each award of a ranking list, or of a first come call, becomes one."),
        filters=[
            Filter("risk", text(language, "At risk"), risks(language)),
            Filter("state", text(language, "State"), states(language)),
            await region_filter(visit, "officer"),
            Filter("call_id", text(language, "Call"), {str(one.id): in_language(one.title, language) for one in calls.items}),
        ],
    )
    return await listed(visit, listing)


def _columns(language: str, regions: Regions) -> list[Column[VoucherView]]:
    def zone(one: VoucherView) -> str:
        return regions[one.region].zone

    def named(one: VoucherView) -> Cell:
        none = text(language, "Never issued") if one.state == "closed" else text(language, "No code yet")
        return Cell(one.code or none, link=f"{PATH}/{one.id}", value=one.code or str(one.id))

    def state(one: VoucherView) -> Cell:
        words = text(language, "Suspended") if one.suspended and one.state != "closed" else states(language)[one.state]
        return Cell(words, colour="orange" if one.suspended else COLOURS.get(one.state, "blue"), value=one.state)

    def valid(one: VoucherView) -> Cell:
        return limit(one.valid_until, zone(one), language)

    def region(one: VoucherView) -> str:
        return in_language(regions[one.region].names, language)

    def worth(one: VoucherView) -> Cell:
        given = one.benefit
        return Cell(units(given.units, given.unit, language), value="") if given else amount(one.value_minor, one.currency, language)

    def paid(one: VoucherView) -> Cell:
        return Cell("") if one.benefit else amount(one.redeemed_minor, one.currency, language)

    return [
        Column("code", text(language, "Code"), named),
        Column("region", text(language, "Region"), region, sort="region"),
        Column("state", text(language, "State"), state, sort="state"),
        Column("amount", text(language, "Amount"), worth, "amount_minor", number=True),
        Column("paid", text(language, "Paid so far"), paid, number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
        Column("valid_until", text(language, "Valid until"), valid),
    ]


async def voucher(visit: Visit) -> Response:
    found, held = await _voucher(visit), None
    if found.benefit is not None and found.offered_at is not None:
        held = await unless_down(visit.services.vouchers.get_voucher_attendance(await visit.caller(), found.id))
    return page(
        visit, "officer/voucher.html", voucher=found, name=await title_of(visit, found), path=f"{PATH}/{found.id}", held=held,
        states=states_of_bookings(visit.language), colours=BOOKING_COLOURS,
    )  # fmt: skip


async def ask(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _act_page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def act(visit: Visit) -> Response:
    reader, found, done = Reader(visit.form, visit.language), await _voucher(visit), _act(visit)
    reasons = acts(visit.language)[done][3]
    if visit.form.get("reason") not in reasons:
        reader.errors["reason"] = text(visit.language, REASON_NEEDED)
    until = reader.day("valid_until", DAY_NEEDED) if done == "extension" else None
    if reader.errors:
        return await _act_page(visit, reader)
    body: Any = Reason(reason=visit.form.get("reason"))
    if until is not None:
        at_noon = datetime.combine(until, time(12), ZoneInfo(found.zone))  # it is valid to the end of that day
        body = ExtensionInput(reason=body.reason, valid_until=at_noon)
    client = visit.services.vouchers
    posts: Mapping[str, Callable[..., Awaitable[VoucherView]]] = {
        "suspension": client.post_voucher_suspension, "resumption": client.post_voucher_resumption,
        "revocation": client.post_voucher_revocation, "extension": client.post_voucher_extension,
    }  # fmt: skip
    try:
        await posts[done](await visit.caller(), found.id, body)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.errors["valid_until" if "valid_until" in problem.fields else FORM] = problem.detail
        return await _act_page(visit, reader)
    return go(f"{PATH}/{found.id}?done={done}")


async def _act_page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    found, done = await _voucher(visit), _act(visit)
    title, follows, button, reasons = acts(visit.language)[done]
    return page(
        visit, "officer/voucher-act.html", status=422 if reader.errors else 200, form=reader, restored=restored, title=title,
        follows=follows, button=button, back=f"{PATH}/{found.id}", reasons=reasons, extends=done == "extension", voucher=found,
    )  # fmt: skip


def _act(visit: Visit) -> str:
    """Of the address. `ApiProblem` 404 for one that there is not."""
    found = str(visit.request.path_params["act"])
    if found not in acts(visit.language):
        raise ApiProblem(404, {"code": "unknown-act"})
    return found


async def _voucher(visit: Visit) -> VoucherDetail:
    found = await visit.services.vouchers.get_voucher(await visit.caller(), UUID(str(visit.request.path_params["voucher_id"])))
    await visit.at(found.region)
    return found


ROUTES = [
    staff(PATH, vouchers, live=vouchers),
    staff(f"{PATH}/{{voucher_id:uuid}}", voucher, live=_voucher),
    staff(f"{PATH}/{{voucher_id:uuid}}/{{act}}", ask, act),
]
