"""The catalogue of providers, for everybody: filtered by region and service."""

from typing import Any

from starlette.responses import Response

from portal.kit.order import by_name
from portal.kit.pages import page
from portal.kit.providers import services
from portal.kit.routing import public
from portal.kit.visit import Visit
from shared.texts.languages import in_language

MOST = 200


async def providers(visit: Visit) -> Response:
    """By name. What is no region or service is no filter."""
    query, language = visit.request.query_params, visit.language
    regions = {one.id: in_language(one.names, language) for one in (await visit.regions()).values()}
    kinds = services(language)
    region = query.get("region", "") if query.get("region") in regions else ""
    service: Any = query.get("service", "") if query.get("service") in kinds else ""
    ask = visit.services.payments.list_catalogue
    found = await ask(visit.anybody, region=region or None, service=service or None, limit=MOST, cursor=query.get("cursor") or None)
    if region:
        await visit.at(region)
    return page(
        visit, "public/providers.html", found=found, entries=by_name(found.items, lambda one: one.name, language), kinds=kinds,
        regions=dict(by_name(regions.items(), lambda pair: pair[1], language)), region=region, service=service,
    )  # fmt: skip


ROUTES = [public("/providers", providers)]
