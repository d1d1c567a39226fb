"""Reports at the end of projects: the list, and one that was sent."""

from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.vouchers import ReportSummaryView
from portal.kit import answers
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.pages import page
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.kit.vouchers import questions_of, title_of
from shared.texts.languages import in_language

PATH = "/officer/reports"
COLOURS = {"draft": "yellow", "sent": "green"}


def states(language: str) -> dict[str, str]:
    """State of a report → its name."""
    return {"draft": text(language, "Being written"), "sent": text(language, "Sent")}


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
        return instant(one.begun_at, zone(one), language, f"{PATH}/{one.voucher_id}" if one.state == "sent" else "")

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


ROUTES = [staff(PATH, reports), staff(PATH + "/{voucher_id:uuid}", report)]
