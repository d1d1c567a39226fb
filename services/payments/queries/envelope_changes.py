"""Top-ups of envelopes and transfers between them, proposed and decided."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.states import ProposalState
from services.payments.queries.desk_views import EnvelopeChangeView
from services.payments.queries.filters import matching
from services.payments.tables import EnvelopeChangeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

CHANGES = Sorting({"proposed_at": EnvelopeChangeRow.proposed_at}, unique=EnvelopeChangeRow.id, default="-proposed_at")


class ChangeFilter(BaseModel):
    """None: any. `call_id`: of the envelope that gets the money, or gives it."""

    region: str | None = None
    call_id: UUID | None = None
    state: ProposalState | None = None


async def list_envelope_changes(context: Context, paging: Paging, wanted: ChangeFilter) -> Page[EnvelopeChangeView]:
    row = EnvelopeChangeRow
    criteria = matching(state=(row.state, wanted.state))
    if wanted.call_id is not None:
        criteria.append(or_(col(row.call_id) == wanted.call_id, col(row.from_call_id) == wanted.call_id))
    query = select(row).where(in_scope(context.actor, Permission.READ_PAYMENTS, wanted.region, row), *criteria)
    return await page_of(context.session, query, paging, EnvelopeChangeView.of)
