"""One field for staff: a number, a code, an id, a name or an address, and where it leads."""

import re
from urllib.parse import quote

from starlette.responses import Response

from portal.client.applications import FoundCasesView
from portal.client.base import ApiProblem
from portal.client.people import PersonView
from portal.kit.pages import page
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit
from portal.programme.audit import CASE
from portal.programme.people import path_of
from portal.programme.record import Found, look_up

Result = tuple[str, str, str, str]
"""Kind, words, path, and region, where it is of one."""
READ_RECORDS = frozenset({"officer", "finance", "auditor"})
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


async def search(visit: Visit) -> Response:
    """The record of the case for who may read it; applications by name for officers; persons for administrators."""
    ref = visit.request.query_params.get("ref", "").strip()[:100]
    found = persons = None
    foreign = ""
    if ref and visit.roles & READ_RECORDS and not _ADDRESS.fullmatch(ref):
        try:
            found = await look_up(visit, ref)
        except ApiProblem as problem:
            if problem.status not in (403, 422):
                raise
            foreign = problem.detail
    named = await _by_name(visit, ref) if ref and found is None and "officer" in visit.roles and not _ADDRESS.fullmatch(ref) else None
    if ref and "administrator" in visit.roles and _ADDRESS.fullmatch(ref):
        persons = (await visit.services.people.list_persons(await visit.caller(), email=ref)).items
    regions = await visit.regions()
    results = [*_of_case(visit, regions, ref, found), *_of_names(visit, regions, named), *_of_persons(visit, persons or [])]
    return page(visit, "programme/search.html", ref=ref, results=results, foreign=foreign, named=named)


async def _by_name(visit: Visit, words: str) -> FoundCasesView:
    return await visit.services.applications.get_found_cases(await visit.caller(), text=words, region=visit.region_as("officer"))


def _of_case(visit: Visit, regions: Regions, ref: str, found: Found | None) -> list[Result]:
    if found is None:
        return []
    language = visit.language
    kinds = {
        "application": text(language, "Application"), "call": text(language, "Call"), "voucher": text(language, "Voucher"),
        "claim": text(language, "Claim"), "disbursement": text(language, "Payment"), "batch": text(language, "Payment batch"),
    }  # fmt: skip
    said = next((found.kinds[service] for service in found.kinds), "")
    kind = kinds.get(said, said.capitalize())
    words = text(visit.language, "%(ref)s: the whole record of the case") % {"ref": ref}
    return [(kind, words, f"{CASE}?ref={quote(ref)}", region_name(regions, found.region, language))]


def _of_names(visit: Visit, regions: Regions, named: FoundCasesView | None) -> list[Result]:
    language = visit.language
    kind, untitled = text(language, "Application"), text(language, "Application without a title")
    return [
        (
            kind, ", ".join(filter(None, (one.title or untitled, one.applicant_name, one.receipt))), f"/officer/applications/{one.id}",
            region_name(regions, one.region, language),
        )
        for one in (named.items if named else ())
    ]  # fmt: skip


def _of_persons(visit: Visit, persons: list[PersonView]) -> list[Result]:
    kind = text(visit.language, "Person")
    proposal = text(visit.language, "Has signed in, and has no role in your regions: propose one")
    return [(kind, one.name or proposal, path_of(one), "") for one in persons]


ROUTES = [staff("/search", search)]
