"""/figures: the regions side by side."""

from services.applications.api.dependencies import FigureReader
from services.applications.queries.figures import RegionFiguresView, region_figures
from shared.web.auth import api_router

router = api_router("figures")


@router.get("/figures")
async def list_figures(context: FigureReader) -> list[RegionFiguresView]:
    """Calls, applications, decisions and links of each region, also of those in which the reader has no role."""
    return await region_figures(context)
