"""Money that is asked back."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from services.payments.queries.scope import in_scope, matching
from services.payments.tables import RecoveryRow
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

RECOVERIES = Sorting({"ordered_at": RecoveryRow.ordered_at}, tie=RecoveryRow.id, default="-ordered_at")


class Recovery(BaseModel):
    recovery_id: UUID
    voucher_id: UUID
    region: str
    amount_minor: int
    currency: str
    state: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    closed_at: datetime | None
    closing_reason: str | None

    @classmethod
    def of(cls, row: RecoveryRow) -> "Recovery":
        return cls.model_validate({**row.model_dump(), "recovery_id": row.id})


async def list_recoveries(
    context: Context, paging: Paging, region: str | None, state: str | None, voucher_id: UUID | None
) -> Page[Recovery]:
    criteria = matching(state=(RecoveryRow.state, state), voucher=(RecoveryRow.voucher_id, voucher_id))
    query = select(RecoveryRow).where(*in_scope(context.actor, Permission.READ_PAYMENTS, region, RecoveryRow), *criteria)
    return await page_of(context.session, query, paging, Recovery.of)
