"""Changes that beneficiaries ask for: the list, and one with what its grant does, decided with a reason."""

import asyncio
from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import VoucherView
from portal.client.vouchers import ChangeDecisionInput, ChangeView, DeskView
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.kit.vouchers import change_kinds, title_of, unless_down
from shared.texts.languages import in_language

PATH = "/officer/changes"
COLOURS = {"open": "yellow", "approved": "yellow", "granted": "green", "refused": "red"}
REASON_NEEDED = _("Say why. The beneficiary reads it")
DECISION_NEEDED = _("Choose whether to grant it")
REFUSALS = (403, 409, 422)


def states(language: str) -> dict[str, str]:
    """State of a request → its name."""
    return {
        "open": text(language, "Waits for an officer"),
        "approved": text(language, "The money is being checked"),
        "granted": text(language, "Granted"),
        "refused": text(language, "Refused"),
    }


def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """What waits for officers here."""
    return [Task(text(visit.language, "Changes to decide"), desk.changes.count, f"{PATH}?state=open", desk.changes.exact)]


async def changes(visit: Visit) -> Response:
    regions, language = await visit.regions(), visit.language
    listing = Listing(
        name="changes",
        title=text(language, "Changes that beneficiaries ask for"),
        columns=_columns(language, regions),
        ask=partial(visit.services.vouchers.list_changes, await visit.caller()),
        empty=text(language, "Nobody has asked for a change. What beneficiaries ask for on the page of their voucher stands here."),
        filters=[
            Filter("state", text(language, "State"), states(language)),
            Filter("kind", text(language, "What is to change"), change_kinds(language)),
            await region_filter(visit, "officer"),
        ],
    )
    return await listed(visit, listing)


def _columns(language: str, regions: Regions) -> list[Column[ChangeView]]:
    def asked(one: ChangeView) -> Cell:
        zone = regions[one.region].zone
        return instant(one.requested_at, zone, language, f"{PATH}/{one.id}")

    def region(one: ChangeView) -> str:
        return in_language(regions[one.region].names, language)

    return [
        Column("requested_at", text(language, "Asked"), asked, sort="requested_at"),
        Column("kind", text(language, "What is to change"), lambda one: Cell(change_kinds(language)[one.kind], value=one.kind)),
        Column("region", text(language, "Region"), region),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
    ]


async def change(visit: Visit) -> Response:
    """With the way back of a fresh sign-in, or of a session that ended: what was typed is shown again."""
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def decide(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    if reader.typed.get("decision") not in ("grant", "refuse"):
        reader.typed["decision"] = ""
    granted = reader.line("decision", DECISION_NEEDED) == "grant"
    reason = reader.line("reason", REASON_NEEDED)
    if reader.errors:
        return await _page(visit, reader, status=422)
    try:
        body = ChangeDecisionInput(granted=granted, reason=reason)
        await visit.services.vouchers.post_change_decision(await visit.caller(), _id(visit), body)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.errors[FORM] = problem.detail
        return await _page(visit, reader, status=problem.status)
    return go(f"{PATH}/{_id(visit)}?done=decided")


async def _bounds(visit: Visit, one: ChangeView) -> tuple[VoucherView | None, int | None]:
    """What bounds another amount: the claims, and what the envelope has left. None for other changes, and while payments is down."""
    if one.kind != "amount" or one.state != "open":
        return None, None
    caller, payments = await visit.caller(), visit.services.payments
    found, envelope = await asyncio.gather(
        unless_down(payments.get_voucher(caller, one.voucher_id)), unless_down(payments.get_envelope(caller, one.call_id))
    )
    return found, envelope.available_minor if envelope else None


async def _page(visit: Visit, reader: Reader, *, restored: bool = False, status: int = 200) -> Response:
    caller, vouchers = await visit.caller(), visit.services.vouchers
    one = await vouchers.get_change(caller, _id(visit))
    await visit.at(one.region)
    voucher = await vouchers.get_voucher(caller, one.voucher_id)
    names = await named(visit, [one.decided_by])
    money, left_minor = await _bounds(visit, one)
    return page(
        visit,
        "officer/change.html",
        person=names.by,
        status=status,
        change=one,
        voucher=voucher,
        funded=money,
        left_minor=left_minor,
        kinds=change_kinds(visit.language),
        form=reader,
        restored=restored,
        name=await title_of(visit, voucher),
    )


def _id(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["change_id"]))


ROUTES = [staff(PATH, changes), staff(PATH + "/{change_id:uuid}", change, decide)]
