"""The region in which a person with roles in several works now: lists show it first."""

from starlette.responses import Response

from portal.kit.pages import go
from portal.kit.routing import staff
from portal.kit.visit import Visit
from portal.sessions.cookies import REGION, remove_cookie, set_cookie


async def choose_region(visit: Visit) -> Response:
    """Empty, or a region in which the person has no role: all of them."""
    region, answer = visit.form.get("region"), go("/home")
    if any(region in regions for regions in visit.regions_by_role.values()):
        set_cookie(answer, REGION, region)
    else:
        remove_cookie(answer, REGION)
    return answer


ROUTES = [staff("/home/region", change=choose_region)]
