"""What of people waits for officers: counts for their first page."""

from pydantic import BaseModel
from sqlalchemy import String, cast, select
from sqlmodel import col

from services.people.domain.link_corrections import CorrectionState
from services.people.tables import LinkCorrectionRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.counts import CountView, counts_of


class OfficerDeskView(BaseModel):
    """Links that another officer has proposed."""

    links_to_confirm: CountView


async def get_officer_desk(context: Context, region: str | None) -> OfficerDeskView:
    """Of the region, or of all regions of the actor."""
    row = LinkCorrectionRow
    links = select(col(row.id)).where(
        in_scope(context.actor, Permission.READ_LINKS, region, row),
        col(row.state) == CorrectionState.PROPOSED, cast(col(row.proposed_by), String) != context.actor.id,
    )  # fmt: skip
    return OfficerDeskView(**await counts_of(context.session, {"links_to_confirm": links}))
