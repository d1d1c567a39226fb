"""Batches: what goes to the bank in one file."""

from functools import partial

from starlette.responses import Response

from portal.client.payments import BatchView
from portal.kit.formats import day
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, listed
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Region, Visit
from shared.texts.languages import in_language

PATH = "/finance/batches"
COLOURS = {"sealed": "yellow", "released": "blue", "sent": "green"}


def states(language: str) -> dict[str, str]:
    """State of a batch → its name."""
    return {"sealed": text(language, "Sealed"), "released": text(language, "Released"), "sent": text(language, "Sent to the bank")}


async def batches(visit: Visit) -> Response:
    regions = await visit.regions()
    mine = {one: in_language(regions[one].names, visit.language) for one in visit.regions_by_role.get("finance", ()) if one in regions}
    listing = Listing(
        name="batches",
        title=text(visit.language, "Batches"),
        columns=_columns(visit.language, regions),
        ask=partial(visit.services.payments.list_batches, await visit.caller()),
        empty=text(visit.language, "There is no batch yet. A batch is sealed when payments are approved."),
        filters=[
            Filter("state", text(visit.language, "State"), states(visit.language)),
            Filter("region", text(visit.language, "Region"), mine),
        ],
    )
    return await listed(visit, listing)


def _columns(language: str, regions: dict[str, Region]) -> list[Column[BatchView]]:
    def sealed(batch: BatchView) -> Cell:
        return instant(batch.sealed_at, regions[batch.region].zone, language, f"{PATH}/{batch.batch_id}")

    return [
        Column("sealed_at", text(language, "Sealed"), sealed),
        Column("region", text(language, "Region"), lambda one: in_language(regions[one.region].names, language)),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
        Column("execution_on", text(language, "To be paid on"), lambda one: Cell(day(one.execution_on, language), value=one.execution_on)),
        Column("disbursements", text(language, "Payments"), lambda one: Cell(str(one.disbursements), value=one.disbursements), number=True),
        Column("total", text(language, "Total"), lambda one: amount(one.total_minor, one.currency, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
    ]


ROUTES = [staff(PATH, batches)]
