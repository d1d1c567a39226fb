"""/samples: a random sample of the paid cases of a region."""

from typing import Annotated

from fastapi import Query

from services.payments.api.dependencies import SampleDrawer
from services.payments.domain.sampling import SampleMethod
from services.payments.queries.samples import SampleView, draw_sample
from shared.web.auth import api_router
from shared.web.instants import Instant

router = api_router("samples")


@router.get("/samples")
async def get_sample(
    context: SampleDrawer,
    region: Annotated[str, Query(max_length=80)],
    seed: Annotated[str, Query(min_length=1, max_length=200, description="Any text; the same one draws the same sample")],
    size: Annotated[int, Query(ge=1, le=500)] = 25,
    method: SampleMethod = SampleMethod.BY_CHANCE,
    until: Annotated[Instant | None, Query(description="Only what was paid before this instant; without it, now")] = None,
) -> SampleView:
    """Nothing is stored: with the same values the same sample is drawn again."""
    return await draw_sample(context, region, method, seed, size, until)
