"""Files from the bank, and their lines that match no attempt."""

from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.states import BankFileState
from services.payments.queries.scope import matching
from services.payments.queries.views import BankFileView, UnmatchedLineView
from services.payments.tables import BankFileRow, BankLineRow
from shared.identity.permissions import visible_regions
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

BANK_FILES = Sorting({"taken_at": BankFileRow.taken_at}, unique=BankFileRow.sha256, default="-taken_at")
UNMATCHED = Sorting({"line": BankLineRow.line}, unique=BankLineRow.id, default="line")


async def list_bank_files(context: Context, paging: Paging, state: BankFileState | None) -> Page[BankFileView]:
    """A bank's file has no region; its lines have one."""
    query = select(BankFileRow).where(*matching(state=(BankFileRow.state, state)))
    return await page_of(context.session, query, paging, lambda row: BankFileView.model_validate(row.model_dump()))


async def list_unmatched(context: Context, paging: Paging, region: str | None) -> Page[UnmatchedLineView]:
    """Those of the actor's regions, and those without a region because they name no payment of ours."""
    own = or_(col(BankLineRow.region).in_(visible_regions(context.actor, region)), col(BankLineRow.region).is_(None))
    query = select(BankLineRow).where(col(BankLineRow.outcome) == LineOutcome.UNMATCHED, own)
    return await page_of(
        context.session, query, paging, lambda row: UnmatchedLineView.model_validate({**row.model_dump(), "booked_on": row.on})
    )
