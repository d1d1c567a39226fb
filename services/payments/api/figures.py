"""/figures: the regions side by side."""

from services.payments.api.dependencies import FigureReader
from services.payments.queries.figures import RegionFiguresView, region_figures
from shared.web.auth import api_router

router = api_router("figures")


@router.get("/figures")
async def list_figures(context: FigureReader) -> list[RegionFiguresView]:
    """Envelopes, claims and payments of each region, also of those in which the reader has no role."""
    return await region_figures(context)
