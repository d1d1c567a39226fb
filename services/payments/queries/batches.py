"""Batches: payment files to the bank."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import col

from services.payments.domain.states import BatchState
from services.payments.queries.filters import matching
from services.payments.queries.views import BatchView
from services.payments.tables import BatchRow
from shared.contracts.payments import BatchReleased, BatchSealed
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.messaging.proven import proven_events
from shared.privacy.sealed import without
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

BATCHES = Sorting({"sealed_at": BatchRow.sealed_at}, unique=BatchRow.id, default="-sealed_at")
SENT_AT_ONCE = 20


async def list_batches(context: Context, paging: Paging, region: str | None, state: BatchState | None) -> Page[BatchView]:
    criteria = [in_scope(context.actor, Permission.READ_PAYMENTS, region, BatchRow), *matching(state=(BatchRow.state, state))]
    query = select(BatchRow).where(*criteria).options(*without(BatchRow.file))
    return await page_of(context.session, query, paging, BatchView.of)


async def get_batch(context: Context, batch_id: UUID) -> BatchView:
    """`NotFound` 'unknown-batch'."""
    return BatchView.of(await _batch(context, batch_id))


async def get_file(context: Context, batch_id: UUID) -> bytes:
    """The bytes of the payment file; the download is recorded. `NotFound` 'unknown-batch' or 'file-removed'."""
    batch = await _batch(context, batch_id)
    if batch.file is None:
        raise NotFound("file-removed", "The term of every case in this file is over; the file is removed.")
    await record_access(context, Permission.READ_PAYMENTS, [(batch.id, batch.region)])
    return batch.file


class BatchToSend(NamedTuple):
    """`released`: the events say that a person sealed and a person released these bytes. `imported`: its signed file was found after a
    restore."""

    id: UUID
    policy_id: str
    file_hash: str
    file: bytes
    released: bool
    imported: bool


async def batches_to_send(context: Context) -> list[BatchToSend]:
    """Batches that are not recorded as sent, the oldest first: a second person has released them, or their signed file was found after a
    restore, so that they had been released before it."""
    found = and_(col(BatchRow.state) == BatchState.SEALED, col(BatchRow.imported_at).is_not(None))
    query = select(BatchRow).where(or_(col(BatchRow.state) == BatchState.RELEASED, found))
    rows = (await context.session.scalars(query.order_by(col(BatchRow.id)).limit(SENT_AT_ONCE))).all()
    stated = [await _hashes_in_events(context, contract, [row.id for row in rows]) for contract in (BatchSealed, BatchReleased)]
    return [
        BatchToSend(
            row.id, row.policy_id, row.file_hash, row.file, released=all((row.id, row.file_hash) in one for one in stated),
            imported=row.imported_at is not None,
        )
        for row in rows
        if row.file is not None
    ]  # fmt: skip


async def _hashes_in_events(context: Context, contract: type[BatchSealed | BatchReleased], batch_ids: list[UUID]) -> set[tuple[UUID, str]]:
    """Batch and hash of its file, by the events that a process of the service wrote."""
    return {(row.key, row.body["file_hash"]) for row in await proven_events(context.session, batch_ids, contract)}


async def _batch(context: Context, batch_id: UUID) -> BatchRow:
    batch = await context.session.get(BatchRow, batch_id)
    if batch is None:
        raise NotFound("unknown-batch", "There is no such batch.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=batch.region)
    return batch
