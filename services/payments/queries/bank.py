"""Files to and from the bank."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.queries.scope import in_scope, matching
from services.payments.tables import BankFileRow, BankLineRow, BatchRow, OrphanOrderRow
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

BATCHES = Sorting({"sealed_at": BatchRow.sealed_at}, tie=BatchRow.id, default="-sealed_at")
BANK_FILES = Sorting({"taken_at": BankFileRow.taken_at}, tie=BankFileRow.sha256, default="-taken_at")
UNMATCHED = Sorting({"line": BankLineRow.line}, tie=BankLineRow.id, default="line")
SENT_AT_ONCE = 20


class Batch(BaseModel):
    """`file_hash` is the SHA-256 of the file's bytes, which never change."""

    batch_id: UUID
    region: str
    state: str
    currency: str
    disbursements: int
    total_minor: int
    file_hash: str
    execution_on: date
    sealed_at: datetime
    sent_at: datetime | None
    answer_by: datetime | None

    @classmethod
    def of(cls, row: BatchRow) -> "Batch":
        return cls.model_validate({**row.model_dump(exclude={"file"}), "batch_id": row.id})


class BankFile(BaseModel):
    """`reason` says why a refused file could not be read."""

    sha256: str
    name: str
    message: str
    state: str
    reason: str | None
    taken_at: datetime
    lines: int
    applied: int
    unmatched: int


class UnmatchedLine(BaseModel):
    """A line of a bank file that fits nothing; the references are the bank's text."""

    file_sha256: str
    line: int
    reason: str
    region: str | None
    amount_minor: int | None
    currency: str | None
    end_to_end_id: str | None
    instr_id: str | None
    pmt_inf_id: str | None
    bank_reference: str | None
    booked_on: date | None


class FoundOrder(BaseModel):
    """A transfer of a bank file from before a restore for which no attempt here stands yet: money that may have gone."""

    voucher_code: str
    amount_minor: int
    currency: str
    batch_id: UUID
    disbursement_id: UUID
    attempt_id: UUID


async def list_batches(context: Context, paging: Paging, region: str | None, state: str | None) -> Page[Batch]:
    criteria = [*in_scope(context.actor, Permission.READ_PAYMENTS, region, BatchRow), *matching(state=(BatchRow.state, state))]
    return await page_of(context.session, select(BatchRow).where(*criteria), paging, Batch.of)


async def read_batch(context: Context, batch_id: UUID) -> Batch:
    return Batch.of(await _batch(context, batch_id))


async def read_file(context: Context, batch_id: UUID) -> bytes:
    return (await _batch(context, batch_id)).file


async def list_bank_files(context: Context, paging: Paging, state: str | None) -> Page[BankFile]:
    """The bank's files carry no region; their lines do."""
    query = select(BankFileRow).where(*matching(state=(BankFileRow.state, state)))
    return await page_of(context.session, query, paging, lambda row: BankFile.model_validate(row.model_dump()))


async def list_unmatched(context: Context, paging: Paging, region: str | None) -> Page[UnmatchedLine]:
    """Those of the actor's regions, and those that name no payment of ours and so belong to nobody yet."""
    own = or_(col(BankLineRow.region).in_(visible_regions(context.actor, region)), col(BankLineRow.region).is_(None))
    query = select(BankLineRow).where(col(BankLineRow.outcome) == "unmatched", own)
    return await page_of(
        context.session, query, paging, lambda row: UnmatchedLine.model_validate({**row.model_dump(), "booked_on": row.on})
    )


async def sealed_files(context: Context) -> list[tuple[UUID, bytes]]:
    """Batches whose file is not yet noted as sent, the oldest first, with their bytes."""
    query = select(BatchRow).where(col(BatchRow.state) == "sealed").order_by(col(BatchRow.id)).limit(SENT_AT_ONCE)
    return [(row.id, row.file) for row in await context.session.scalars(query)]


async def unplaced_orders(context: Context) -> list[FoundOrder]:
    """For the operator, of all regions."""
    query = select(OrphanOrderRow).where(col(OrphanOrderRow.matched_at).is_(None)).order_by(col(OrphanOrderRow.voucher_code))
    return [FoundOrder.model_validate(row.model_dump()) for row in await context.session.scalars(query)]


async def _batch(context: Context, batch_id: UUID) -> BatchRow:
    batch = await context.session.get(BatchRow, batch_id)
    if batch is None:
        raise NotFound("unknown-batch", "There is no such batch.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=batch.region)
    return batch
