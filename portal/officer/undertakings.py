"""The single undertaking of an applicant: its links with other firms, its de minimis aid on a day, and what the office finds of the links.

A link that the office found, or the end of a wrong one, is proposed by one officer and confirmed by another one.
"""

import asyncio
from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response

from portal.applicant.undertakings import kinds
from portal.client.base import ApiProblem
from portal.client.payments import UndertakingView
from portal.client.people import CaseLinksView, FoundLinkInput, LinkCorrectionView, WrongLinkInput
from portal.kit.desks import Task
from portal.kit.formats import day
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.names import Names, named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from shared.texts.languages import in_language

LIST = "/officer/links"
PATH = "/officer/applications/{application_id:uuid}/undertaking"
COLOURS = {"proposed": "yellow", "confirmed": "green", "refused": "grey"}
WORDS_NEEDED = _("Say how the office knows of it")


def states(language: str) -> dict[str, str]:
    return {
        "proposed": text(language, "Waits for a second officer"), "confirmed": text(language, "Confirmed"),
        "refused": text(language, "Refused"),
    }  # fmt: skip


async def tasks(visit: Visit) -> list[Task]:
    """What waits for officers here."""
    found = (await visit.services.people.get_officer_desk(await visit.caller(), region=visit.region_as("officer"))).links_to_confirm
    return [Task(text(visit.language, "Links of firms to confirm"), found.count, f"{LIST}?state=proposed", found.exact)]


async def corrections(visit: Visit) -> Response:
    language, names = visit.language, Names(visit)
    ask = names.learning(partial(visit.services.people.list_link_corrections, await visit.caller()), "proposed_by")
    listing = Listing(
        name="links",
        title=text(language, "Links of firms that the office found"),
        columns=_columns(language, await visit.regions(), names),
        ask=ask,
        empty=text(
            language, "Nothing is proposed. On the page of an application, an officer records a link that the applicant has not declared."
        ),
        filters=[Filter("state", text(language, "State"), states(language)), await region_filter(visit, "officer")],
        sort="proposed_at",
    )
    return await listed(visit, listing)


def _columns(language: str, regions: Regions, names: Names) -> list[Column[LinkCorrectionView]]:
    def proposed(one: LinkCorrectionView) -> Cell:
        return instant(one.proposed_at, regions[one.region].zone, language, f"/officer/applications/{one.application_id}/undertaking")

    def what(one: LinkCorrectionView) -> str:
        return text(language, "A link that was not declared") if one.link_id is None else text(language, "The end of a wrong link")

    return [
        Column("proposed_at", text(language, "Proposed"), proposed, sort="proposed_at"),
        Column("what", text(language, "What it is"), what),
        Column("firm", text(language, "Firm"), lambda one: one.name or ""),
        Column("by", text(language, "Proposed by"), lambda one: names.by(str(one.proposed_by))),
        Column("region", text(language, "Region"), lambda one: in_language(regions[one.region].names, language)),
        Column("state", text(language, "State"), lambda one: Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)),
    ]


async def show(visit: Visit) -> Response:
    """`on` in the query: the day."""
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def propose(visit: Visit) -> Response:
    reader, language = Reader(visit.form, visit.language), visit.language
    values = {
        "name": reader.line("name", _("Enter the name of the other firm")),
        "country": reader.line("country", _("Enter the country of the tax number, with two letters")),
        "tax_number": reader.line("tax_number", _("Enter the tax number of the firm")),
        "kind": reader.line("kind", _("Say how the two are linked")),
        "valid_from": reader.day("valid_from", _("Enter the first day on which they were linked")),
        "words": reader.line("words", WORDS_NEEDED),
    }
    if values["kind"] not in kinds(language):
        reader.errors.setdefault("kind", text(language, "Say how the two are linked"))
    if not reader.errors:
        body, people = FoundLinkInput.model_validate(values), visit.services.people
        with reader.taking():
            await people.post_case_link(await visit.caller(), _case(visit), body)
            return go(f"{_back(visit)}?done=proposed")
    return await _page(visit, reader)


async def ask_end(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _end_page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def end(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    until = reader.day("valid_until", _("Enter the first day on which it does not count"))
    words = reader.line("words", _("Say why the link is wrong"))
    if not reader.errors and until is not None:
        body, link = WrongLinkInput(valid_until=until, words=words), str(visit.request.path_params["link_id"])
        with reader.taking():
            await visit.services.people.post_case_link_end(await visit.caller(), _case(visit), link, body)
            return go(f"{_back(visit)}?done=proposed")
    return await _end_page(visit, reader)


async def decide(visit: Visit) -> Response:
    """`act`: confirm or refuse."""
    people, reader, what = visit.services.people, Reader((), visit.language), visit.form.get("act")
    if what not in ("confirm", "refuse"):
        raise ApiProblem(404, {"code": "unknown-act"})
    asked = people.post_link_correction_confirmation if what == "confirm" else people.post_link_correction_refusal
    with reader.taking():
        await asked(await visit.caller(), _case(visit), str(visit.request.path_params["correction_id"]))
        return go(f"{_back(visit)}?done={what}ed" if what == "confirm" else f"{_back(visit)}?done=refused")
    return await _page(visit, reader)


async def _page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    caller, services, language = await visit.caller(), visit.services, visit.language
    asked = Reader(visit.request.query_params.items(), language)
    on = asked.day("on", _("Enter a day"), optional=True)
    application = await services.applications.get_application(caller, _case(visit))
    await visit.at(application.region)
    links, undertaking = await asyncio.gather(services.people.get_case_links(caller, application.id), _undertaking(visit, on))
    names = await named(
        visit, [*(str(one.declared_by) for one in links.links if one.found_in), *(str(one.proposed_by) for one in links.corrections)]
    )
    region = await visit.region(application.region)
    return page(
        visit, "officer/undertaking.html", status=422 if reader.errors or asked.errors else 200, form=reader, asked=asked,
        restored=restored, application=application, links=links, undertaking=undertaking, zone=region.zone,
        kinds=kinds(language), person=names.by,
        holding={one.id for one in undertaking.links} if undertaking else set(), on=on, back=_back(visit),
        others=_others(undertaking, links), states=states(language), colours=COLOURS, by_id={one.id: one for one in links.links},
    )  # fmt: skip


async def _undertaking(visit: Visit, on: date | None) -> UndertakingView | None:
    """None before the application was found eligible."""
    try:
        return await visit.services.payments.get_aid_undertaking(await visit.caller(), _case(visit), on=on)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return None


def _others(undertaking: UndertakingView | None, links: CaseLinksView) -> list[Any]:
    """Links between other firms of the undertaking."""
    own = {one.id for one in links.links}
    return [one for one in undertaking.links if one.id not in own] if undertaking else []


async def _end_page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    caller, language = await visit.caller(), visit.language
    application, links = await asyncio.gather(
        visit.services.applications.get_application(caller, _case(visit)), visit.services.people.get_case_links(caller, _case(visit))
    )
    await visit.at(application.region)
    found = next((one for one in links.links if str(one.id) == str(visit.request.path_params["link_id"])), None)
    if found is None or found.valid_until is not None:
        return go(_back(visit))
    follows = [
        text(
            language, "From that day on, aid to that firm does not count for the applicant by this link. Another officer confirms it first."
        ),
        text(language, "Once it is confirmed it is not taken back, and who acts for the organisation gets a mail."),
    ]
    return page(
        visit, "officer/end-link.html", status=422 if reader.errors else 200, form=reader, restored=restored, follows=follows,
        title=text(language, "End the link with %(name)s") % {"name": found.name or ""}, caption=application.receipt,
        button=text(language, "Propose it"), back=_back(visit), since=day(found.valid_from, language),
    )  # fmt: skip


def _case(visit: Visit) -> str:
    return str(visit.request.path_params["application_id"])


def _back(visit: Visit) -> str:
    return f"/officer/applications/{_case(visit)}/undertaking"


ROUTES = [
    staff(LIST, corrections),
    staff(PATH, show, propose),
    staff(PATH + "/links/{link_id:uuid}/end", ask_end, end),
    staff(PATH + "/corrections/{correction_id:uuid}", show, decide),
]
