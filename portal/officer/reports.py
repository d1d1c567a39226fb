"""Reports at the end of projects: the list, and one that was sent."""

from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.vouchers import DeskView, ReportReturnInput, ReportSummaryView
from portal.kit import answers
from portal.kit.desks import Task
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.kit.vouchers import questions_of, title_of
from shared.texts.languages import in_language

PATH = "/officer/reports"
COLOURS = {"draft": "yellow", "sent": "green", "accepted": "blue"}
REFUSALS = (403, 409, 422)


def states(language: str) -> dict[str, str]:
    """State of a report → its name."""
    return {"draft": text(language, "Being written"), "sent": text(language, "Sent"), "accepted": text(language, "Accepted")}


def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """Those that free a part of a voucher."""
    return [Task(text(visit.language, "Final reports to decide"), desk.reports.count, f"{PATH}?state=sent", desk.reports.exact)]


async def reports(visit: Visit) -> Response:
    regions, language = await visit.regions(), visit.language
    listing = Listing(
        name="reports",
        title=text(language, "Reports at the end"),
        columns=_columns(language, regions),
        ask=partial(visit.services.vouchers.list_reports, await visit.caller()),
        empty=text(
            language, "No report is begun yet. Beneficiaries write it on the page of their voucher and send it after the settlement."
        ),
        filters=[
            Filter("state", text(language, "State"), states(language)),
            await region_filter(visit, "officer"),
        ],
    )
    return await listed(visit, listing)


def _columns(language: str, regions: Regions) -> list[Column[ReportSummaryView]]:
    def zone(one: ReportSummaryView) -> str:
        return regions[one.region].zone

    def begun(one: ReportSummaryView) -> Cell:
        return instant(one.begun_at, zone(one), language, f"{PATH}/{one.voucher_id}" if one.state != "draft" else "")

    def region(one: ReportSummaryView) -> str:
        return in_language(regions[one.region].names, language)

    def state(one: ReportSummaryView) -> Cell:
        return Cell(states(language).get(one.state, one.state), colour=COLOURS.get(one.state, "grey"), value=one.state)

    return [
        Column("begun_at", text(language, "Begun"), begun, sort="begun_at"),
        Column("region", text(language, "Region"), region),
        Column("state", text(language, "State"), state),
        Column("sent_at", text(language, "Sent"), lambda one: instant(one.sent_at, zone(one), language)),
    ]


async def report(visit: Visit) -> Response:
    caller, voucher_id = await visit.caller(), UUID(str(visit.request.path_params["voucher_id"]))
    found = await visit.services.vouchers.get_voucher_report(caller, voucher_id)
    voucher = await visit.services.vouchers.get_voucher(caller, voucher_id)
    await visit.at(voucher.region)
    typed: answers.Typed = {}
    for question in questions_of(found):
        typed |= answers.typed(question, (found.answers or {}).get(question.id), voucher.currency, visit.language)
    return page(visit, "officer/report.html", report=found, voucher=voucher, typed=typed, name=await title_of(visit, voucher))


async def ask_acceptance(visit: Visit) -> Response:
    """What follows, asked once."""
    return await _act_page(visit, Reader((), visit.language), returns=False)


async def accept(visit: Visit) -> Response:
    return await _act(visit, Reader(visit.form, visit.language), visit.services.vouchers.post_voucher_report_acceptance, returns=False)


async def ask_return(visit: Visit) -> Response:
    return await _act_page(visit, Reader(await visit.take_kept() or (), visit.language), returns=True)


async def send_back(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    note = reader.line("reason", _("Say what is missing: the beneficiary reads it"))
    return await _act(visit, reader, visit.services.vouchers.post_voucher_report_return, ReportReturnInput(note=note), returns=True)


async def _act(visit: Visit, reader: Reader, ask: Any, *body: Any, returns: bool) -> Response:
    if not reader.errors:
        try:
            await ask(await visit.caller(), _id(visit), *body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.errors[FORM] = problem.detail
        else:
            return go(f"{PATH}/{_id(visit)}?done={'returned' if returns else 'accepted'}")
    return await _act_page(visit, reader, returns=returns)


async def _act_page(visit: Visit, reader: Reader, *, returns: bool) -> Response:
    language, voucher = visit.language, await visit.services.vouchers.get_voucher(await visit.caller(), _id(visit))
    await visit.at(voucher.region)
    follows = [
        text(language, "What was kept of the claims is paid, and nothing more is kept. This cannot be taken back."),
        text(language, "Look first whether all claims are in. Who accepts the report prepares and approves no payment of this case."),
    ]
    if returns:
        follows = [text(language, "The beneficiary completes it and sends it again. Its term begins again today.")]
    title = text(language, "Return the report") if returns else text(language, "Accept the report")
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, form=reader, restored=False, ask_reason=returns, hidden={},
        title=title, follows=follows, button=title, back=f"{PATH}/{_id(visit)}",
    )  # fmt: skip


def _id(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["voucher_id"]))


REPORT = PATH + "/{voucher_id:uuid}"
ROUTES = [
    staff(PATH, reports),
    staff(REPORT, report),
    staff(REPORT + "/acceptance", ask_acceptance, accept),
    staff(REPORT + "/return", ask_return, send_back),
]
