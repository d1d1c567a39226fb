"""The first page of a provider: what waits for it, and its registrations by region."""

from starlette.responses import Response

from portal.kit.orders import COLOURS as ORDER_COLOURS
from portal.kit.orders import states as states_of_orders
from portal.kit.pages import go, page
from portal.kit.providers import COLOURS, sentence, services, states
from portal.kit.regions import zones
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.provider.orders import orders_of, waiting
from shared.texts.languages import in_language

MOST = 200


async def home(visit: Visit) -> Response:
    """Of the organisation for which the person acts; who acts for none chooses one first."""
    if visit.person.organisation is None:
        return go("/home")
    caller, payments, language = await visit.caller(), visit.services.payments, visit.language
    found = await payments.list_provider_registrations(caller, limit=MOST)
    orders = await orders_of(visit)
    regions = {one.id: in_language(one.names, language) for one in (await visit.regions()).values()}
    return page(
        visit, "provider/home.html", registrations=found.items, regions=regions, states=states(language), colours=COLOURS,
        kinds=services(language), sentences={one.provider_id: sentence(one, language) for one in found.items},
        more=len(regions) > len(found.items), waiting=waiting(orders), orders=orders, order_states=states_of_orders(language),
        order_colours=ORDER_COLOURS, zones=await zones(visit),
    )  # fmt: skip


ROUTES = [personal("/provider", home, live=home)]
