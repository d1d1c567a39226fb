"""Batches: payment files to the bank."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from services.payments.domain.states import BatchState
from services.payments.queries.filters import matching
from services.payments.queries.views import BatchView
from services.payments.tables import AttemptRow, BatchRow
from shared.contracts.payments import BatchReleased, BatchSealed, DisbursementPrepared
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.proven import proven_events
from shared.messaging.tables import OutboxRow
from shared.privacy.sealed import without
from shared.telemetry import tracing
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
    restore. `traces`: in which its payments were prepared and it was sealed and released, the last one last
    (`shared/telemetry/tracing.py`)."""

    id: UUID
    policy_id: str
    file_hash: str
    file: bytes
    released: bool
    imported: bool
    traces: tuple[str, ...] = ()


async def batches_to_send(context: Context) -> list[BatchToSend]:
    """Batches that are not recorded as sent, the oldest first: a second person has released them, or their signed file was found after a
    restore, so that they had been released before it."""
    found = and_(col(BatchRow.state) == BatchState.SEALED, col(BatchRow.imported_at).is_not(None))
    query = select(BatchRow).where(or_(col(BatchRow.state) == BatchState.RELEASED, found))
    rows = (await context.session.scalars(query.order_by(col(BatchRow.id)).limit(SENT_AT_ONCE))).all()
    stated = [await _hashes_in_events(context, contract, [row.id for row in rows]) for contract in (BatchSealed, BatchReleased)]
    traces = await _traces(context, [row.id for row in rows])
    return [
        BatchToSend(
            row.id, row.policy_id, row.file_hash, row.file, released=all((row.id, row.file_hash) in one for one in stated),
            imported=row.imported_at is not None, traces=traces[row.id],
        )
        for row in rows
        if row.file is not None
    ]  # fmt: skip


async def _hashes_in_events(context: Context, contract: type[BatchSealed | BatchReleased], batch_ids: list[UUID]) -> set[tuple[UUID, str]]:
    """Batch and hash of its file, by the events that a process of the service wrote."""
    return {(row.key, row.body["file_hash"]) for row in await proven_events(context.session, batch_ids, contract)}


async def _traces(context: Context, batch_ids: list[UUID]) -> defaultdict[UUID, tuple[str, ...]]:
    """Empty while tracing is off."""
    found = defaultdict[UUID, tuple[str, ...]](tuple)
    if not batch_ids or not tracing.is_on():
        return found
    payments = select(col(AttemptRow.disbursement_id), col(AttemptRow.batch_id)).where(col(AttemptRow.batch_id).in_(batch_ids))
    batch_of = {row.disbursement_id: row.batch_id for row in await context.session.execute(payments)}
    prepared, of_batches = and_(*_events(DisbursementPrepared, batch_of)), and_(*_events(BatchSealed, batch_ids))
    released = and_(*_events(BatchReleased, batch_ids))
    query = select(col(OutboxRow.key), col(OutboxRow.traceparent)).where(or_(prepared, of_batches, released))
    for key, trace in await context.session.execute(query.order_by(col(OutboxRow.position))):
        if trace is not None:
            found[batch_of.get(key, key)] += (trace,)
    return found


def _events(contract: type[Event], keys: Collection[UUID]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(OutboxRow.key).in_(keys), col(OutboxRow.type) == contract.type


async def _batch(context: Context, batch_id: UUID) -> BatchRow:
    batch = await context.session.get(BatchRow, batch_id)
    if batch is None:
        raise NotFound("unknown-batch", "There is no such batch.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=batch.region)
    return batch
