"""/regions: what the regions are called and how to reach them, for everybody."""

from services.applications.api.dependencies import Anybody
from services.applications.queries.regions import RegionView, all_regions
from shared.web.auth import open_router

router = open_router("regions")


@router.get("/regions")
async def list_regions(context: Anybody) -> list[RegionView]:
    """Each region that has a scheme, whether it has a call or not."""
    return all_regions(context)
