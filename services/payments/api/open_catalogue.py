"""/catalogue: the providers of the regions, for everybody"""

from typing import Annotated

from fastapi import Depends, Query

from services.payments.api.dependencies import Anybody
from services.payments.queries import catalogue
from services.payments.queries.catalogue import CatalogueFilter
from services.payments.queries.catalogue_views import CatalogueEntryView
from shared.web.auth import open_router
from shared.web.paging import Page, Paging

router = open_router("catalogue of providers")


@router.get("/catalogue")
async def list_catalogue(
    context: Anybody, paging: Annotated[Paging, Depends(catalogue.PROVIDERS)], wanted: Annotated[CatalogueFilter, Query()]
) -> Page[CatalogueEntryView]:
    """Who stands in it today, with services and days; no personal data."""
    return await catalogue.list_catalogue(context, paging, wanted)
