"""One field for staff: a number, a code, an id or an address, and where it leads."""

import re
from urllib.parse import quote

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.people import PersonView
from portal.kit.pages import page
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.programme.audit import CASE
from portal.programme.people import path_of
from portal.programme.record import Found, look_up
from shared.texts.languages import in_language

READ_RECORDS = frozenset({"officer", "finance", "auditor"})
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


async def search(visit: Visit) -> Response:
    """The record of the case for who may read it; persons for administrators."""
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
    if ref and "administrator" in visit.roles and _ADDRESS.fullmatch(ref):
        persons = (await visit.services.people.list_persons(await visit.caller(), email=ref)).items
    results = [*_of_case(visit, ref, found), *_of_persons(visit, persons or [])]
    region = in_language((await visit.region(found.region)).names, visit.language) if found else ""
    return page(visit, "programme/search.html", ref=ref, results=results, region=region, foreign=foreign)


def _of_case(visit: Visit, ref: str, found: Found | None) -> list[tuple[str, str, str]]:
    """Kind, words and path of each result."""
    if found is None:
        return []
    language = visit.language
    kinds = {
        "application": text(language, "Application"), "call": text(language, "Call"), "voucher": text(language, "Voucher"),
        "claim": text(language, "Claim"), "disbursement": text(language, "Payment"), "batch": text(language, "Payment batch"),
    }  # fmt: skip
    said = next((found.kinds[service] for service in found.kinds), "")
    kind = kinds.get(said, said.capitalize())
    return [(kind, text(visit.language, "%(ref)s: the whole record of the case") % {"ref": ref}, f"{CASE}?ref={quote(ref)}")]


def _of_persons(visit: Visit, persons: list[PersonView]) -> list[tuple[str, str, str]]:
    kind = text(visit.language, "Person")
    proposal = text(visit.language, "Has signed in, and has no role in your regions: propose one")
    return [(kind, one.name or proposal, path_of(one)) for one in persons]


ROUTES = [staff("/search", search)]
