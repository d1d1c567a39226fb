"""The home page: what waits for me, my applications, and what is open."""

from starlette.responses import Response

from portal.kit.pages import page
from portal.kit.routing import personal
from portal.kit.visit import Visit

PAGE = 25
WAITING = ("returned", "draft")
"""States in which the applicant has to act."""


async def home(visit: Visit) -> Response:
    """`cursor` from the query: the place in the list of applications."""
    services, caller = visit.services, await visit.caller()
    me = await services.people.get_me(caller)
    await visit.take_up_roles(me)
    mine = waiting = None
    if visit.person.organisation is not None:
        cursor = visit.request.query_params.get("cursor")
        mine = await services.applications.list_applications(caller, limit=PAGE, cursor=cursor)
        waiting = [one for one in mine.items if one.state in WAITING]
    return page(
        visit,
        "applicant/home.html",
        me=me,
        mine=mine,
        waiting=waiting,
        by_id=await visit.calls_by_id(one.call_id for one in (mine.items if mine else ())),
        open_calls=await visit.open_calls(),
    )


ROUTES = [personal("/home", home)]
