"""What several pages of finance share: regions, envelopes and payments as people read them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from portal.client.payments import DisbursementView, EnvelopeView
from portal.finance.words import COLOURS, states
from portal.kit.formats import moment
from portal.kit.lists import Cell, Column, amount, every, instant, limit
from portal.kit.regions import region_name, zone_of
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from shared.texts.languages import in_language

PAYMENTS, BATCHES, LINES, ENVELOPES = "/finance/payments", "/finance/batches", "/finance/lines", "/finance/envelopes"
FILES = "/finance/files"


async def envelopes_by_call(visit: Visit) -> dict[UUID, EnvelopeView]:
    """Of the person's regions; the calls of an agency are few."""
    return {one.call_id: one for one in await every(partial(visit.services.payments.list_envelopes, await visit.caller()))}


async def call_names(visit: Visit) -> dict[UUID, str]:
    """Call → its title in the reader's language, of the calls with an envelope in the person's regions."""
    return await names_of_calls(visit, await envelopes_by_call(visit))


async def names_of_calls(visit: Visit, envelopes: Mapping[UUID, EnvelopeView]) -> dict[UUID, str]:
    """Call → its title in the reader's language, of the calls of these envelopes."""
    calls = await visit.calls_by_id(envelopes)
    return {one: in_language(calls[one].title, visit.language) if one in calls else envelopes[one].slug for one in envelopes}


async def own_zone(visit: Visit) -> str:
    """Of what is of no region: the zone of the first one in which the person works."""
    mine = visit.regions_by_role.get("finance", [])
    return (await visit.region(mine[0])).zone if mine else "UTC"


async def when(visit: Visit, instant_of: datetime, region: str | None) -> str:
    """In the wall time of the region."""
    return moment(instant_of, zone_of(await visit.regions(), region), visit.language)


def state_cell(state: str, language: str) -> Cell:
    return Cell(states(language).get(state, state), colour=COLOURS.get(state, "grey"), value=state)


def payment_columns(visit: Visit, regions: Regions) -> list[Column[DisbursementView]]:
    language = visit.language

    def payee(one: DisbursementView) -> Cell:
        return Cell(one.payee_name or text(language, "Erased"), f"{PAYMENTS}/{one.disbursement_id}", below=one.voucher_code or "")

    def due(one: DisbursementView) -> Cell:
        return limit(one.pay_by, zone_of(regions, one.region), language)

    return [
        Column("payee", text(language, "Payee"), payee),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
        Column("state", text(language, "State"), lambda one: state_cell(one.state, language)),
        Column(
            "amount", text(language, "Amount"), lambda one: amount(one.amount_minor, one.currency, language), "amount_minor", number=True,
        ),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
        Column("approvals", text(language, "Approvals"), lambda one: f"{one.approvals} / {one.approvals_needed}"),
        Column(
            "prepared_at", text(language, "Prepared"), lambda one: instant(one.prepared_at, zone_of(regions, one.region), language),
            "prepared_at",
        ),
        Column("pay_by", text(language, "To be paid by"), due),
    ]  # fmt: skip
