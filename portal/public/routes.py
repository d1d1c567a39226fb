"""Pages for everybody: open calls, one call, whether a firm could apply."""

from typing import Any, cast

from starlette.responses import JSONResponse, Response

from portal.client.applications import AssessmentView, OpenCallView
from portal.client.base import ApiProblem
from portal.kit.order import by_name
from portal.kit.pages import page
from portal.kit.picker import hits, shown
from portal.kit.reader import call_number
from portal.kit.regions import region_name
from portal.kit.routing import public
from portal.kit.visit import Visit
from portal.public import draw, open_data, providers
from portal.public.eligibility import read_answers
from portal.public.feed import atom
from shared.classifications import Scheme, name_of
from shared.texts.languages import in_language

PAGE = 25
SHOWN = ("open", "published", "closed")
"""States of calls as a filter, in this order."""


async def start(visit: Visit) -> Response:
    newest = await visit.services.applications.list_open_calls(visit.anybody, limit=200, sort="-closes_at")
    by_region: dict[str, list[OpenCallView]] = {}
    for call in reversed(newest.items):
        by_region.setdefault(call.region, []).append(call)
    people = sorted(visit.services.demonstration, key=lambda one: one["kind"] != "applicant")  # who tries it begins as an applicant
    names = await visit.regions()
    regions = dict(by_name(by_region.items(), lambda pair: region_name(names, pair[0], visit.language), visit.language))
    return page(visit, "public/start.html", regions=regions, names=names, demonstration=people)


async def calls(visit: Visit) -> Response:
    """`region`, `state`, `cursor` from the query. What is no state is none."""
    query = visit.request.query_params
    state = cast(Any, query.get("state", "open"))
    region = query.get("region") or None
    found = await visit.services.applications.list_open_calls(
        visit.anybody, region=region, state=state if state in SHOWN else None, limit=PAGE, cursor=query.get("cursor"), sort="closes_at"
    )
    places = by_name((await visit.regions()).values(), lambda one: in_language(one.names, visit.language), visit.language)
    regions = {one.id: one.names for one in places}
    state = state if state in SHOWN else "all"
    return page(visit, "public/calls.html", found=found, regions=regions, states=SHOWN, region=region, state=state)


async def call(visit: Visit) -> Response:
    found = await visit.services.applications.get_open_call(visit.anybody, call_number(visit.request.path_params["number"]))
    places = [_place(code, visit.language) for code in found.places]
    activities = [shown(Scheme.NACE, code, visit.language) for code in found.activity_codes]
    await visit.at(found.region)
    return page(visit, "public/call.html", call=found, places=places, activities=activities)


def _place(code: str, language: str) -> str:
    """The name and then the code: 'Koprivničko-križevačka županija (HR063)'."""
    name = name_of(Scheme.NUTS, code, language)
    return f"{name} ({code})" if name else code


async def check(visit: Visit) -> Response:
    """The questions; with answers in the query, also the verdict. Nothing is stored, so the address of an answered check can be kept."""
    found = await visit.services.applications.get_open_call(visit.anybody, call_number(visit.request.path_params["number"]))
    await visit.at(found.region)
    answers, questions = read_answers(visit.request.query_params, found, visit.language)
    verdict: AssessmentView | None = None
    if questions is not None:
        try:
            verdict = await visit.services.applications.post_open_call_eligibility(visit.anybody, found.number, questions)
        except ApiProblem as problem:
            if problem.status != 422:
                raise
            answers.refuse(problem)
    status = 422 if answers.errors else 200
    asked_minor = questions.requested_minor if questions else 0
    return page(visit, "public/check.html", status=status, call=found, answers=answers, verdict=verdict, asked_minor=asked_minor)


async def codes(visit: Visit) -> Response:
    """What of a list fits `text`, of `country` first: for the script of the fields in which a code is chosen."""
    scheme, query = visit.request.path_params["scheme"], visit.request.query_params
    if scheme not in list(Scheme):
        raise ApiProblem(404, {"code": "unknown-list"})
    found = hits(Scheme(scheme), query.get("text", ""), visit.language, query.get("country") or None)
    return JSONResponse([{"shown": hit.shown, "edition": hit.edition} for hit in found])


async def calls_json(visit: Visit) -> Response:
    """Open calls for programs that want them without an account, as the API gives them."""
    found = await visit.services.applications.list_open_calls(visit.anybody, state="open", limit=200)
    return JSONResponse(found.model_dump(mode="json")["items"], headers={"Access-Control-Allow-Origin": "*"})


async def calls_atom(visit: Visit) -> Response:
    found = await visit.services.applications.list_open_calls(visit.anybody, state="open", limit=200)
    return Response(atom(visit.origin, visit.language, found.items), media_type="application/atom+xml")


async def contact(visit: Visit) -> Response:
    regions = by_name((await visit.regions()).values(), lambda one: in_language(one.names, visit.language), visit.language)
    return page(visit, "public/contact.html", regions=regions)


async def developers(visit: Visit) -> Response:
    return page(visit, "public/developers.html")


ROUTES = [
    public("/", start),
    public("/calls", calls),
    public("/calls.json", calls_json),
    public("/calls.atom", calls_atom),
    public("/calls/{number}", call),
    public("/calls/{number}/check", check),
    public("/codes/{scheme}", codes),
    public("/contact", contact),
    public("/developers", developers),
    *draw.ROUTES,
    *open_data.ROUTES,
    *providers.ROUTES,
]
