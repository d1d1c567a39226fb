"""/desk: what waits for officers."""

from services.vouchers.api.dependencies import DeskReader
from services.vouchers.queries import desk
from services.vouchers.queries.desk import DeskView
from shared.web.auth import api_router

router = api_router("desk")


@router.get("/desk")
async def get_desk(context: DeskReader, region: str | None = None) -> DeskView:
    """How much of each kind, over all regions of the caller, or in `region`."""
    return await desk.get_desk(context, region)
