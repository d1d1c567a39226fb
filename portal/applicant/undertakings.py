"""Links of an organisation with other firms: with which it is one undertaking for the ceiling of de minimis aid."""

from starlette.responses import Response

from portal.applicant.organisations import ORGANISATION
from portal.client.base import ApiProblem
from portal.client.people import LinkEndInput, LinkInput
from portal.kit.formats import day
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit

REFUSALS = (409, 422)


def kinds(language: str) -> dict[str, str]:
    """Regulation (EU) 2023/2831, article 2(2)(a) to (d)."""
    return {
        "majority-of-votes": text(language, "One has the majority of the votes in the other"),
        "board": text(language, "One may appoint or remove most of the board of the other"),
        "dominant-influence": text(language, "One has a dominant influence on the other by a contract or by the statutes"),
        "agreement": text(language, "One controls the majority of the votes in the other by an agreement with other holders"),
    }


async def show(visit: Visit) -> Response:
    return await _page(visit, Reader(await visit.take_kept() or (), visit.language))


async def declare(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    values = {
        "name": reader.line("name", _("Enter the name of the other firm")),
        "country": reader.line("country", _("Enter the country of the tax number, with two letters")),
        "tax_number": reader.line("tax_number", _("Enter the tax number of the firm")),
        "kind": reader.line("kind", _("Say how the two are linked")),
        "valid_from": reader.day("valid_from", _("Enter the first day on which they were linked")),
    }
    if values["kind"] not in kinds(visit.language):
        reader.errors.setdefault("kind", text(visit.language, "Say how the two are linked"))
    if not reader.errors:
        try:
            body = LinkInput.model_validate(values)
            await visit.services.people.post_organisation_link(await visit.caller(), _id(visit), body)
        except ApiProblem as problem:
            _take(problem, reader)
        else:
            return go(f"/organisations/{_id(visit)}/links?done=declared")
    return await _page(visit, reader)


async def ask_end(visit: Visit) -> Response:
    return await _end_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def end(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    until = reader.day("valid_until", _("Enter the first day on which they were not linked any more"))
    if not reader.errors and until is not None:
        link = str(visit.request.path_params["link_id"])
        try:
            body = LinkEndInput(valid_until=until)
            await visit.services.people.post_organisation_link_end(await visit.caller(), _id(visit), link, body)
        except ApiProblem as problem:
            _take(problem, reader)
        else:
            return go(f"/organisations/{_id(visit)}/links?done=ended")
    return await _end_page(visit, reader)


async def _end_page(visit: Visit, reader: Reader) -> Response:
    """What follows, asked once: an end is not taken back."""
    caller, people, language = await visit.caller(), visit.services.people, visit.language
    links = await people.get_organisation_links(caller, _id(visit))
    found = next((one for one in links if str(one.id) == str(visit.request.path_params["link_id"])), None)
    back = f"/organisations/{_id(visit)}/links"
    if found is None or found.valid_until is not None:
        return go(back)
    follows = [
        text(language, "From that day on, aid to that firm does not count for yours by this link, and yours not for that firm."),
        text(language, "A false statement is a reason to ask aid back. The end cannot be undone; a new link can be declared."),
    ]
    return page(
        visit, "applicant/end-link.html", status=422 if reader.errors else 200, form=reader, restored=False, follows=follows, back=back,
        title=text(language, "The link with %(name)s has ended") % {"name": found.name or ""}, button=text(language, "Record the end"),
        ask_reason=False, hidden={}, since=day(found.valid_from, language),
    )  # fmt: skip


async def _page(visit: Visit, reader: Reader) -> Response:
    caller, people = await visit.caller(), visit.services.people
    found = await people.get_organisation(caller, _id(visit))
    members = await people.get_organisation_members(caller, found.id)
    owner = any(member.person_id == visit.person.person_id and member.role == "owner" for member in members)
    return page(
        visit, "applicant/links.html", status=422 if reader.errors else 200, organisation=found, owner=owner, form=reader,
        links=await people.get_organisation_links(caller, found.id), kinds=kinds(visit.language),
    )  # fmt: skip


def _take(problem: ApiProblem, reader: Reader) -> None:
    if problem.status not in REFUSALS:
        raise problem
    reader.refuse(problem)


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["organisation_id"])


ROUTES = [
    personal(ORGANISATION + "/links", show, declare),
    personal(ORGANISATION + "/links/{link_id:uuid}/end", ask_end, end),
]
