"""Files from the bank, and their lines that match no attempt."""

from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy import ColumnElement, exists, or_, select
from sqlmodel import col

from services.payments.domain.states import BankFileState, ProposalState
from services.payments.queries.views import BankFileView, UnmatchedLineView
from services.payments.tables import BankFileRow, BankLineRow, LineProposalRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

BANK_FILES = Sorting({"taken_at": BankFileRow.taken_at}, unique=BankFileRow.sha256, default="-taken_at")
UNMATCHED = Sorting({"line": BankLineRow.line}, unique=BankLineRow.id, default="line")


class Source(StrEnum):
    """FOLDER: it lay in the bank's folder, with its signature. UPLOAD: two persons took it."""

    FOLDER = "folder"
    UPLOAD = "upload"


class FileStanding(StrEnum):
    """REFUSED: it waits for a person. DISMISSED: it was refused, and a person has decided that nobody has to look at it."""

    TAKEN = "taken"
    REFUSED = "refused"
    DISMISSED = "dismissed"


class FileFilter(BaseModel):
    """None: any."""

    state: FileStanding | None = None
    source: Source | None = None


async def list_bank_files(context: Context, paging: Paging, wanted: FileFilter) -> Page[BankFileView]:
    """Those with a line of the actor's regions, and those that name no payment of any region, such as a refused one."""
    lines = select(BankLineRow).where(col(BankLineRow.file_sha256) == col(BankFileRow.sha256))
    regions = visible_regions(context.actor, Permission.READ_PAYMENTS, None)
    own = or_(lines.where(col(BankLineRow.region).in_(regions)).exists(), ~lines.where(col(BankLineRow.region).is_not(None)).exists())
    criteria = [] if wanted.state is None else _of_standing(wanted.state)
    if wanted.source is not None:
        criteria.append(col(BankFileRow.upload_id).is_not(None) if wanted.source is Source.UPLOAD else col(BankFileRow.upload_id).is_(None))
    query = select(BankFileRow).where(own, *criteria)
    return await page_of(context.session, query, paging, lambda row: BankFileView.model_validate(row.model_dump()))


def _of_standing(standing: FileStanding) -> list[ColumnElement[bool]]:
    state = BankFileState.TAKEN if standing is FileStanding.TAKEN else BankFileState.REFUSED
    return [col(BankFileRow.state) == state, col(BankFileRow.dismissed).is_(standing is FileStanding.DISMISSED)]


async def files_to_retry(context: Context) -> dict[str, str]:
    """Hash → name, of refused files that a person wants to have read once more."""
    refused = (col(BankFileRow.state) == BankFileState.REFUSED, col(BankFileRow.retry_at).is_not(None))
    query = select(col(BankFileRow.sha256), col(BankFileRow.name)).where(*refused).order_by(col(BankFileRow.retry_at))
    return {row.sha256: row.name for row in (await context.session.execute(query)).all()}


class OpenLines(StrEnum):
    """UNMATCHED: for a person. IGNORED: lines that decided nothing, for who wants to look at them. PROPOSED: whatever became of them, those
    for which one person has proposed something that waits for another."""

    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    PROPOSED = "proposed"


async def list_unmatched(context: Context, paging: Paging, region: str | None, which: OpenLines) -> Page[UnmatchedLineView]:
    """Those that no person has resolved, or with a proposal that waits, of the actor's regions, and those without a region because they
    name no payment of ours."""
    regions = visible_regions(context.actor, Permission.READ_PAYMENTS, region)
    own = or_(col(BankLineRow.region).in_(regions), col(BankLineRow.region).is_(None))
    open_ones = [col(BankLineRow.outcome) == which, col(BankLineRow.resolved_at).is_(None)]
    if which is OpenLines.PROPOSED:
        open_ones = [has_open_proposal()]
    return await page_of(context.session, select(BankLineRow).where(*open_ones, own), paging, UnmatchedLineView.of)


def has_open_proposal() -> ColumnElement[bool]:
    return exists().where(col(LineProposalRow.line_id) == col(BankLineRow.id), col(LineProposalRow.state) == ProposalState.PROPOSED)


async def has_namesake(context: Context, name: str, sha256: str) -> bool:
    """Whether another file had the name."""
    other = exists().where(col(BankFileRow.name) == name, col(BankFileRow.sha256) != sha256)
    return bool(await context.session.scalar(select(other)))
