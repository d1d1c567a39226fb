"""Files to and from the bank."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments import queries
from services.payments.api.common import Book, Input, in_scope, matching
from services.payments.commands.seal_batches import seal_batches
from services.payments.tables import BankFileRow, BankLineRow, BatchRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import NotFound
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging, page_of

router = api_router("bank")
Reader = Annotated[Actor, requires(Permission.READ_PAYMENTS)]


class NewBatches(Input):
    region: str


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


class Skipped(BaseModel):
    """`code`: account-resting, account-changed, voucher-suspended, programme-ended or not-payable."""

    disbursement_id: UUID
    code: str


class SealedBatches(BaseModel):
    batches: list[Batch]
    skipped: list[Skipped]


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


@router.post("/batches", status_code=201)
async def post_batches(
    body: NewBatches, session: Session, actor: Annotated[Actor, requires(Permission.SEAL_BATCH)], cause: CallerCause, book: Book
) -> SealedBatches:
    sealed = await seal_batches(session, book, cause, actor, body.region)
    skipped = [Skipped(disbursement_id=disbursement_id, code=code) for disbursement_id, code in sealed.skipped]
    return SealedBatches(batches=[Batch.of(row) for row in sealed.batches], skipped=skipped)


@router.get("/batches")
async def list_batches(
    session: Session,
    actor: Reader,
    paging: Annotated[Paging, Depends(queries.BATCHES)],
    region: str | None = None,
    state: Literal["sealed", "sent"] | None = None,
) -> Page[Batch]:
    criteria = [*in_scope(actor, Permission.READ_PAYMENTS, region, BatchRow), *matching(state=(BatchRow.state, state))]
    return await page_of(session, select(BatchRow).where(*criteria), paging, Batch.of)


@router.get("/batches/{batch_id}")
async def read_batch(batch_id: UUID, session: Session, actor: Reader) -> Batch:
    return Batch.of(await _batch(session, actor, batch_id))


@router.get("/batches/{batch_id}/file", response_class=Response)
async def read_file(batch_id: UUID, session: Session, actor: Reader) -> Response:
    """The bank file, pain.001.001.09."""
    return Response((await _batch(session, actor, batch_id)).file, media_type="application/xml")


@router.get("/bank-files")
async def list_bank_files(
    session: Session,
    actor: Reader,
    paging: Annotated[Paging, Depends(queries.BANK_FILES)],
    state: Literal["taken", "refused"] | None = None,
) -> Page[BankFile]:
    """The bank's files carry no region; their lines do."""
    query = select(BankFileRow).where(*matching(state=(BankFileRow.state, state)))
    return await page_of(session, query, paging, lambda row: BankFile.model_validate(row.model_dump()))


@router.get("/unmatched")
async def list_unmatched(
    session: Session, actor: Reader, paging: Annotated[Paging, Depends(queries.UNMATCHED)], region: str | None = None
) -> Page[UnmatchedLine]:
    """Those of the actor's regions, and those that name no payment of ours and so belong to nobody yet."""
    own = or_(col(BankLineRow.region).in_(visible_regions(actor, region)), col(BankLineRow.region).is_(None))
    query = select(BankLineRow).where(col(BankLineRow.outcome) == "unmatched", own)
    return await page_of(session, query, paging, lambda row: UnmatchedLine.model_validate({**row.model_dump(), "booked_on": row.on}))


async def _batch(session: AsyncSession, actor: Actor, batch_id: UUID) -> BatchRow:
    batch = await session.get(BatchRow, batch_id)
    if batch is None:
        raise NotFound("unknown-batch", "There is no such batch.")
    authorise(actor, Permission.READ_PAYMENTS, region=batch.region)
    return batch
