"""Open data: where the awards are, and what stands in them."""

from starlette.responses import Response

from portal.kit.order import by_name
from portal.kit.pages import page
from portal.kit.routing import public
from portal.kit.visit import Visit
from shared.texts.languages import in_language

PATH = "/api/applications/open-awards"


async def open_data(visit: Visit) -> Response:
    """Links to the files, of all regions and of each."""
    regions = {one.id: in_language(one.names, visit.language) for one in (await visit.regions()).values()}
    return page(visit, "public/open-data.html", path=PATH, regions=dict(by_name(regions.items(), lambda pair: pair[1], visit.language)))


ROUTES = [public("/open-data", open_data)]
