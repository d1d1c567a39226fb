"""Files from the bank, and their lines that match no attempt."""

from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy import exists, or_, select
from sqlmodel import col

from services.payments.domain.states import BankFileState
from services.payments.queries.filters import matching
from services.payments.queries.views import BankFileView, UnmatchedLineView
from services.payments.tables import BankFileRow, BankLineRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

BANK_FILES = Sorting({"taken_at": BankFileRow.taken_at}, unique=BankFileRow.sha256, default="-taken_at")
UNMATCHED = Sorting({"line": BankLineRow.line}, unique=BankLineRow.id, default="line")


class Source(StrEnum):
    """FOLDER: it lay in the bank's folder, with its signature. UPLOAD: two persons took it."""

    FOLDER = "folder"
    UPLOAD = "upload"


class FileFilter(BaseModel):
    """None: any."""

    state: BankFileState | None = None
    source: Source | None = None


async def list_bank_files(context: Context, paging: Paging, wanted: FileFilter) -> Page[BankFileView]:
    """Those with a line of the actor's regions, and those that name no payment of any region, such as a refused one."""
    lines = select(BankLineRow).where(col(BankLineRow.file_sha256) == col(BankFileRow.sha256))
    regions = visible_regions(context.actor, Permission.READ_PAYMENTS, None)
    own = or_(lines.where(col(BankLineRow.region).in_(regions)).exists(), ~lines.where(col(BankLineRow.region).is_not(None)).exists())
    criteria = matching(state=(BankFileRow.state, wanted.state))
    if wanted.source is not None:
        criteria.append(col(BankFileRow.upload_id).is_not(None) if wanted.source is Source.UPLOAD else col(BankFileRow.upload_id).is_(None))
    query = select(BankFileRow).where(own, *criteria)
    return await page_of(context.session, query, paging, lambda row: BankFileView.model_validate(row.model_dump()))


class OpenLines(StrEnum):
    """UNMATCHED: for a person. IGNORED: lines that decided nothing, for who wants to look at them."""

    UNMATCHED = "unmatched"
    IGNORED = "ignored"


async def list_unmatched(context: Context, paging: Paging, region: str | None, which: OpenLines) -> Page[UnmatchedLineView]:
    """Those that no person has resolved, of the actor's regions, and those without a region because they name no payment of ours."""
    regions = visible_regions(context.actor, Permission.READ_PAYMENTS, region)
    own = or_(col(BankLineRow.region).in_(regions), col(BankLineRow.region).is_(None))
    open_ones = (col(BankLineRow.outcome) == which, col(BankLineRow.resolved_at).is_(None))
    return await page_of(context.session, select(BankLineRow).where(*open_ones, own), paging, UnmatchedLineView.of)


async def has_namesake(context: Context, name: str, sha256: str) -> bool:
    """Whether another file had the name."""
    other = exists().where(col(BankFileRow.name) == name, col(BankFileRow.sha256) != sha256)
    return bool(await context.session.scalar(select(other)))
