"""The journal of all ledgers, and eligible expenditure by voucher, in national currency and in EUR."""

from decimal import Decimal
from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.payments import ExpenditureReportView, ExpenditureView, JournalEntryView, ReportInput
from portal.finance import words
from portal.finance.parts import ENVELOPES, LINES, call_names
from portal.kit.forms import Form
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, listed, region_filter
from portal.kit.names import Names
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import region_name, region_names, zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit

JOURNAL, EXPENDITURE = "/finance/journal", "/finance/expenditure"
REPORTS = EXPENDITURE + "/reports"


def _euro(minor: int | None, language: str) -> Cell:
    """Empty while the rate is not published."""
    return Cell(text(language, "Rate not published yet"), value="") if minor is None else amount(minor, "EUR", language)


def _whose(one: JournalEntryView, titles: dict[Any, str], regions: Regions, language: str) -> Cell:
    """The call and its envelope; for money that is of no call, the line of the bank."""
    if one.call_id is None:
        return Cell(region_name(regions, one.region, language), f"{LINES}/{one.line_id}")
    return Cell(titles.get(one.call_id, one.slug or ""), f"{ENVELOPES}/{one.call_id}")


async def journal(visit: Visit) -> Response:
    language, regions, titles = visit.language, await visit.regions(), await call_names(visit)
    entries, accounts = words.entries(language), words.accounts(language)
    listing: Listing[JournalEntryView] = Listing(
        name="journal",
        title=text(language, "Journal"),
        columns=[
            Column("at", text(language, "Time"), lambda one: instant(one.at, zone_of(regions, one.region), language)),
            Column("call", text(language, "Call"), lambda one: _whose(one, titles, regions, language)),
            Column("kind", text(language, "Entry"), lambda one: Cell(entries.get(one.kind, one.kind), value=one.kind)),
            Column("from", text(language, "From"), lambda one: Cell(accounts.get(one.from_account, ""), value=one.from_account)),
            Column("to", text(language, "To"), lambda one: Cell(accounts.get(one.to_account, ""), value=one.to_account)),
            Column("amount", text(language, "Amount"), lambda one: amount(one.amount_minor, one.currency, language), number=True),
            Column("currency", text(language, "Currency"), lambda one: one.currency),
            Column("amount_eur", text(language, "In EUR"), lambda one: _euro(one.amount_eur_minor, language), number=True),
            Column("rate_id", text(language, "Rate"), lambda one: one.rate_id or ""),
        ],
        ask=partial(visit.services.payments.list_journal, await visit.caller()),
        empty=text(language, "The ledgers have no entry yet. The first one is written when a call is published."),
        filters=[
            Filter("kind", text(language, "Entry"), entries),
            await region_filter(visit, "finance"),
            Filter("call_id", text(language, "Call"), {str(one): title for one, title in titles.items()}),
        ],
        sort="-position",
    )
    return await listed(visit, listing, "finance/journal.html")


async def expenditure(visit: Visit) -> Response:
    language, regions, titles = visit.language, await visit.regions(), await call_names(visit)

    def sum_of(name: str, title: str) -> Column[ExpenditureView]:
        return Column(name, title, lambda one: amount(getattr(one, f"{name}_minor"), one.currency, language), number=True)

    listing: Listing[ExpenditureView] = Listing(
        name="eligible-expenditure",
        title=text(language, "Eligible expenditure"),
        columns=[
            Column(
                "voucher",
                text(language, "Voucher"),
                lambda one: Cell(one.voucher_code or str(one.voucher_id), below=titles.get(one.call_id, one.slug)),
            ),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            sum_of("eligible", text(language, "Eligible expenditure")),
            sum_of("paid", text(language, "Aid paid")),
            sum_of("recovered", text(language, "Recovered")),
            Column("currency", text(language, "Currency"), lambda one: one.currency),
            Column("eligible_eur", text(language, "Eligible in EUR"), lambda one: _euro(one.eligible_eur_minor, language), number=True),
            Column("paid_eur", text(language, "Paid in EUR"), lambda one: _euro(one.paid_eur_minor, language), number=True),
            Column("rates", text(language, "Rate"), lambda one: Cell(", ".join(one.rate_ids), below=_below(one, language))),
        ],
        ask=partial(visit.services.payments.list_expenditure, await visit.caller()),
        empty=text(language, "Nothing is paid yet. What is paid on a voucher stands here."),
        filters=[await region_filter(visit, "finance")],
    )
    return await listed(visit, listing, "finance/expenditure.html")


def _below(one: ExpenditureView, language: str) -> str:
    return text(language, "Provisional: not reported yet") if one.provisional else text(language, "Reported")


async def reports(visit: Visit) -> Response:
    language, regions, names = visit.language, await visit.regions(), Names(visit)
    ask = partial(visit.services.payments.list_expenditure_reports, await visit.caller())
    listing: Listing[ExpenditureReportView] = Listing(
        name="expenditure-reports",
        title=text(language, "Reports to the controller"),
        columns=[
            Column("made_at", text(language, "Made"), lambda one: instant(one.made_at, zone_of(regions, one.region), language), "made_at"),
            Column("made_by", text(language, "By"), lambda one: names.by(one.made_by)),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            Column("payments", text(language, "Payments"), lambda one: Cell(str(one.payments), value=one.payments), number=True),
            Column("eligible", text(language, "Eligible expenditure"), lambda one: amount(
                one.eligible_minor, one.currency, language), number=True),
            Column("currency", text(language, "Currency"), lambda one: one.currency),
            Column("eligible_eur", text(language, "Eligible in EUR"), lambda one: _euro(one.eligible_eur_minor, language), number=True),
            Column("paid_eur", text(language, "Paid in EUR"), lambda one: _euro(one.paid_eur_minor, language), number=True),
            Column("rate", text(language, "Rate"), lambda one: Cell(one.rate_id, below=_rate(one, language), value=Decimal(one.per_euro))),
        ],
        ask=names.learning(ask, "made_by"),
        empty=text(language, "Nothing was reported yet. A report takes all that is paid and in no earlier one."),
        filters=[await region_filter(visit, "finance")],
    )  # fmt: skip
    return await listed(visit, listing, said={"made": text(language, "The report is made. It stands in the list below.")})


def _rate(one: ExpenditureReportView, language: str) -> str:
    names = {"rate": one.per_euro, "currency": one.currency}
    if one.derived:
        return text(language, "1 EUR = %(rate)s %(currency)s, derived from the rate of the ECB") % names
    return text(language, "1 EUR = %(rate)s %(currency)s") % names


async def ask_report(visit: Visit) -> Response:
    return await _report_page(visit, Reader(await visit.take_kept() or Form(()), visit.language))


async def report(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    region = reader.line("region", text(visit.language, "Choose a region"))
    if not reader.errors:
        with reader.taking():
            await visit.services.payments.post_expenditure_report(await visit.caller(), ReportInput(region=region))
            return go(f"{REPORTS}?done=made")
    return await _report_page(visit, reader)


async def _report_page(visit: Visit, reader: Reader) -> Response:
    mine: dict[str, Any] = await region_names(visit, "finance")
    if len(mine) == 1:
        reader.typed.setdefault("region", next(iter(mine)))
    return page(
        visit, "finance/report.html", status=422 if reader.errors else 200, form=reader, regions=mine, root=EXPENDITURE
    )  # fmt: skip


ROUTES = [
    staff(JOURNAL, journal),
    staff(EXPENDITURE, expenditure),
    staff(REPORTS, reports),
    staff(REPORTS + "/new", ask_report, report),
]
