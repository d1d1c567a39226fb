"""/figures: the regions side by side."""

from fastapi import Request

from services.payments.api.dependencies import FigureReader
from services.payments.queries.figures import RegionFiguresView, region_figures
from shared.web.auth import api_router
from shared.web.figures import kept_figures

router = api_router("figures")


@router.get("/figures")
async def list_figures(context: FigureReader, request: Request) -> list[RegionFiguresView]:
    """Envelopes, claims and payments of each region, also of those in which the reader has no role."""
    return await kept_figures(request.app, context, region_figures)
