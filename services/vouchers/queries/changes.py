"""Requests for a change: a beneficiary sees its own, the others those of their regions."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.vouchers.domain.changes import ChangeKind, ChangeState
from services.vouchers.queries.views import AmendmentView, ChangeView
from services.vouchers.tables import ChangeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

CHANGES = Sorting({"requested_at": ChangeRow.requested_at}, unique=ChangeRow.id, default="requested_at")


class ChangeFilter(BaseModel):
    """None: any."""

    region: str | None = None
    state: ChangeState | None = None
    kind: ChangeKind | None = None
    voucher_id: UUID | None = None
    call_id: UUID | None = None


async def list_changes(context: Context, paging: Paging, wanted: ChangeFilter) -> Page[ChangeView]:
    """The oldest first."""
    query = select(ChangeRow).where(
        in_scope(context.actor, Permission.READ_VOUCHER, wanted.region, ChangeRow, owner=ChangeRow.organisation_id)
    )
    chosen = wanted.model_dump(exclude={"region"}, exclude_none=True)
    page = await page_of(context.session, query.filter_by(**chosen), paging, ChangeView.model_validate)
    await record_access(context, Permission.READ_VOUCHER, [(change.id, change.region) for change in page.items])
    return page


async def read_change(context: Context, change_id: UUID) -> ChangeView:
    """`NotFound` unknown-change."""
    row = await context.session.scalar(select(ChangeRow).where(col(ChangeRow.id) == change_id))
    if row is None:
        raise NotFound("unknown-change", "There is no such request for a change.")
    authorise(context.actor, Permission.READ_VOUCHER, region=row.region, owner=owned_by(row.organisation_id))
    await record_access(context, Permission.READ_VOUCHER, [(row.id, row.region)])
    return ChangeView.model_validate(row)


async def amendments_of(context: Context, voucher_id: UUID) -> list[AmendmentView]:
    """The granted changes of amount and provider that are in force, the first one first. The caller has authorised."""
    row = ChangeRow
    query = select(row).where(col(row.voucher_id) == voucher_id, col(row.in_force_at).is_not(None), col(row.kind) != ChangeKind.EXTENSION)
    found = (await context.session.scalars(query.order_by(col(row.in_force_at), col(row.id)))).all()
    return [
        AmendmentView(
            kind=ChangeKind(one.kind), since=one.in_force_at, previous_minor=one.previous_minor, amount_minor=one.amount_minor,
            provider=one.provider,
        )
        for one in found if one.in_force_at
    ]  # fmt: skip
