"""Recoveries: paid money that is asked back."""

from uuid import UUID

from sqlalchemy import select

from services.payments.queries.filters import matching
from services.payments.queries.views import RecoveryView
from services.payments.tables import RecoveryRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

RECOVERIES = Sorting({"ordered_at": RecoveryRow.ordered_at}, unique=RecoveryRow.id, default="-ordered_at")


async def list_recoveries(
    context: Context, paging: Paging, region: str | None, state: RecoveryState | None, voucher_id: UUID | None
) -> Page[RecoveryView]:
    criteria = matching(state=(RecoveryRow.state, state), voucher=(RecoveryRow.voucher_id, voucher_id))
    query = select(RecoveryRow).where(in_scope(context.actor, Permission.READ_PAYMENTS, region, RecoveryRow), *criteria)
    return await page_of(context.session, query, paging, RecoveryView.of)
