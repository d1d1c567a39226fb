"""Granted de minimis aid, for the register of the member state: what is due, the whole as a file, and what was entered there.

The columns of the file are what Regulation (EU) 2023/2831, article 6(1), asks for: who the beneficiary is, amount, date, authority,
instrument and sector. Who it is stands in the application, so reading the list reads the applications, which is recorded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import Applicant
from portal.client.base import ApiProblem
from portal.client.payments import AidEntryView, AidRegistrationInput, OfficerDeskView
from portal.kit.desks import Task
from portal.kit.formats import day, last_moment, money
from portal.kit.lists import LARGEST, Cell, Column, Filter, Listing, amount, limit, listed, region_filter
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.officer.registers import Register, RegisterColumn, registers
from shared.kernel.countries import country_name
from shared.kernel.money import Money
from shared.texts.languages import ENGLISH, in_language

PATH = "/officer/aid"
ON_PAGE = ("register_by", "beneficiary", "amount", "granted_on", "state")
"""Columns of the page; the file has all."""
AT_ONCE = 8
"""Applications that are asked for at the same time."""
COLOURS = {"due": "yellow", "changed": "orange", "entered": "green"}


def states(language: str) -> dict[str, str]:
    return {"due": text(language, "To be entered"), "changed": text(language, "To be corrected"), "entered": text(language, "Entered")}


def tasks(visit: Visit, desk: OfficerDeskView) -> list[Task]:
    """What waits for officers here."""
    due, changed = text(visit.language, "Aid to enter in the register"), text(visit.language, "Entries in the register to correct")
    return [
        Task(due, desk.aid_due.count, f"{PATH}?state=due", desk.aid_due.exact),
        Task(changed, desk.aid_changed.count, f"{PATH}?state=changed", desk.aid_changed.exact),
    ]


def instrument(one: AidEntryView, language: str) -> str:
    """As the register asks: a voucher of money is a grant."""
    return text(language, "Hours or places, by their value") if one.in_kind else text(language, "Grant")


def _word(one: AidEntryView) -> str:
    """In the file."""
    return "in-kind" if one.in_kind else "grant"


class Beneficiaries:
    """Who the beneficiaries are, as their applications say; none where the content is removed or the person may not read it."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._known = visit, dict[UUID, Applicant]()

    async def asked(self, **query: Any) -> Any:
        """The list, whose beneficiaries are then known."""
        found = await self._visit.services.payments.list_aid_entries(await self._visit.caller(), **query)
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._learn(one.application_id, gate) for one in found.items))
        return found

    async def _learn(self, application_id: UUID, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                found = await self._visit.services.applications.get_application(await self._visit.caller(), application_id)
            except ApiProblem as problem:
                if problem.status not in (403, 404):
                    raise
                return
        if found.form is not None and found.form.applicant is not None:
            self._known[application_id] = found.form.applicant

    def name(self, one: AidEntryView) -> str:
        found = self._known.get(one.application_id)
        return (found.name if found else None) or ""

    def plain_number(self, one: AidEntryView) -> str:
        found = self._known.get(one.application_id)
        return (found.tax_number if found else None) or ""

    def number(self, one: AidEntryView) -> str:
        """Country and tax number."""
        found = self._known.get(one.application_id)
        return " ".join(filter(None, (found.country, found.tax_number))) if found else ""


async def entries(visit: Visit) -> Response:
    """By the day until which each has to be entered. `register` in the query: the country in whose columns the file is."""
    language, who, regions = visit.language, Beneficiaries(visit), await visit.regions()
    asked = registers().get(visit.request.query_params.get("register", ""))
    as_file = "as" in visit.request.query_params
    columns = register_columns(asked, regions, who) if asked and as_file else _columns(language, regions, who)
    listing = Listing(
        name=f"aid-register-{asked.country}" if asked else "aid-register",
        title=text(language, "De minimis aid for the register"),
        columns=[one for one in columns if as_file or one.name in ON_PAGE],
        ask=_of_country(who, asked) if asked and as_file else who.asked,
        empty=text(language, "No aid is granted here yet. An award stands here from the day on which its offer is accepted."),
        filters=[Filter("state", text(language, "State"), states(language)), await region_filter(visit, "officer")],
        sort="register_by",
    )
    own = {_country(region) for region in visit.regions_by_role.get("officer", [])}
    countries = {one: country_name(one, language) for one in registers() if one in own}
    return await listed(visit, listing, "officer/aid.html", registers=registers(), countries=countries)


def _country(region: str) -> str:
    """ISO 3166, as the ids of regions begin with it."""
    return region[:2].upper()


def _of_country(who: Beneficiaries, register: Register) -> Callable[..., Awaitable[Any]]:
    """The list, of aid by this member state alone."""

    async def asked(**query: Any) -> Any:
        found = await who.asked(**query)
        return found.model_copy(update={"items": [one for one in found.items if one.member_state == register.country]})

    return asked


def register_columns(register: Register, regions: Regions, who: Beneficiaries) -> list[Column[AidEntryView]]:
    """As the register of the country takes them."""

    def facts(one: AidEntryView) -> dict[str, Any]:
        return {
            "beneficiary": who.name(one), "tax_number": who.plain_number(one), "amount": Money(one.amount_minor, one.currency),
            "currency": one.currency, "amount_eur": Money(one.eur_minor, "EUR"), "granted_on": one.granted_on,
            "authority": in_language(regions[one.region].names, ENGLISH), "sector": one.activity_code, "regulation": one.regulation,
            "in_kind": one.in_kind,
        }  # fmt: skip

    def cell(column: RegisterColumn) -> Callable[[AidEntryView], Cell]:
        return lambda one: Cell(register.written(column, facts(one)))

    return [Column(one.header, one.header, cell(one)) for one in register.columns]


def _columns(language: str, regions: Regions, who: Beneficiaries) -> list[Column[AidEntryView]]:
    def due(one: AidEntryView) -> Cell:
        cell = limit(one.register_by, regions[one.region].zone, language, f"{PATH}/{one.voucher_id}")
        return Cell(cell.text, cell.link, below=text(language, "Late") if one.overdue else "", value=cell.value)

    def beneficiary(one: AidEntryView) -> Cell:
        return Cell(who.name(one) or text(language, "Not kept any more"), below=who.number(one), value=who.name(one))

    def state(one: AidEntryView) -> Cell:
        if one.register_state is None:
            return Cell(text(language, "Nothing left"), value="")
        return Cell(states(language)[one.register_state], colour=COLOURS[one.register_state], value=one.register_state)

    def rate(one: AidEntryView) -> Cell:
        return Cell(f"{one.rate_id}: {one.per_euro}")

    return [
        Column("register_by", text(language, "To be entered by"), due, sort="register_by"),
        Column("beneficiary", text(language, "Beneficiary"), beneficiary),
        Column("tax_number", text(language, "Tax number"), who.number),
        Column("amount", text(language, "Amount"), lambda one: amount(one.amount_minor, one.currency, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency),
        Column("amount_eur", text(language, "In EUR"), lambda one: amount(one.eur_minor, "EUR", language), number=True),
        Column("rate", text(language, "Rate"), rate),
        Column("granted_on", text(language, "Granted on"), lambda one: Cell(day(one.granted_on, language), value=one.granted_on)),
        Column("authority", text(language, "Authority"), lambda one: in_language(regions[one.region].names, language)),
        Column("instrument", text(language, "Instrument"), lambda one: Cell(instrument(one, language), value=_word(one))),
        Column("sector", text(language, "Sector (NACE)"), lambda one: one.activity_code or ""),
        Column("regulation", text(language, "Regulation (EU)"), lambda one: one.regulation),
        Column("state", text(language, "State"), state),
        Column("register_number", text(language, "Number in the register"), lambda one: one.register_number or ""),
    ]


async def _found(visit: Visit) -> AidEntryView:
    """`ApiProblem` 404 where it is none of the person's regions."""
    caller, cursor, wanted = await visit.caller(), None, str(visit.request.path_params["voucher_id"])
    while True:
        known = await visit.services.payments.list_aid_entries(caller, limit=LARGEST, cursor=cursor)
        for one in known.items:
            if str(one.voucher_id) == wanted:
                await visit.at(one.region)
                return one
        if known.next is None:
            raise ApiProblem(404, {"code": "no-granted-aid"})
        cursor = known.next


async def entry(visit: Visit) -> Response:
    return await _page(visit, await _found(visit), Reader(await visit.take_kept() or (), visit.language))


async def register(visit: Visit) -> Response:
    """What was typed comes back where it is refused."""
    found, reader, language = await _found(visit), Reader(visit.form, visit.language), visit.language
    number = reader.line("number", text(language, "Enter the number of the entry in the register"))
    on = reader.day("registered_on", text(language, "Enter the day on which it was entered"))
    if not reader.errors and on is not None:
        try:
            body = AidRegistrationInput(number=number, registered_on=on)
            await visit.services.payments.post_aid_registration(await visit.caller(), found.voucher_id, body)
        except ApiProblem as problem:
            if problem.status not in (409, 422):
                raise
            reader.refuse(problem)
        else:
            return go(f"{PATH}/{found.voucher_id}?done=entered")
    return await _page(visit, found, reader)


async def _page(visit: Visit, found: AidEntryView, form: Reader) -> Response:
    regions, language = await visit.regions(), visit.language
    return page(
        visit, "officer/aid-entry.html", status=422 if form.errors else 200, entry=found, form=form,
        state=states(language).get(found.register_state or "", text(language, "Nothing left")),
        sum=money(found.amount_minor, found.currency, language), in_eur=money(found.eur_minor, "EUR", language),
        granted_on=day(found.granted_on, language), registered_on=day(found.registered_on, language) if found.registered_on else "",
        until=last_moment(found.register_by, regions[found.region].zone, language),
        authority=in_language(regions[found.region].names, language), instrument=instrument(found, language),
        entered=money(found.registered_minor, found.currency, language) if found.registered_minor is not None else "",
    )  # fmt: skip


ROUTES = [staff(PATH, entries), staff(PATH + "/{voucher_id:uuid}", entry, register)]
