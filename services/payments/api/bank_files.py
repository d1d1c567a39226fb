"""/bank-files: files from the bank, and their lines that match no payment until persons have resolved them"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from services.payments.api.dependencies import BankLineResolver, PaymentReader
from services.payments.api.schemas import FileActInput, LineProposalInput, ResolutionInput
from services.payments.commands.confirm_line_resolution import confirm_line_resolution
from services.payments.commands.decide_refused_file import decide_refused_file
from services.payments.commands.propose_line_resolution import LineDecision, propose_line_resolution
from services.payments.commands.reject_line_resolution import reject_line_resolution
from services.payments.commands.resolve_bank_line import resolve_bank_line
from services.payments.domain.line_parts import LinePart
from services.payments.queries import bank_files, bank_lines
from services.payments.queries.bank_files import FileFilter, OpenLines
from services.payments.queries.desk_views import BankLineDetail, BankLineView, LineProposalView
from services.payments.queries.file_views import BankFileDetail
from services.payments.queries.views import BankFileView, UnmatchedLineView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("bank-files")
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/bank-files")
async def list_bank_files(
    context: PaymentReader, paging: Annotated[Paging, Depends(bank_files.BANK_FILES)], wanted: Annotated[FileFilter, Query()]
) -> Page[BankFileView]:
    return await bank_files.list_bank_files(context, paging, wanted)


@router.get("/bank-files/{sha256}")
async def get_bank_file(context: PaymentReader, sha256: Sha256) -> BankFileDetail:
    return await bank_lines.get_bank_file(context, sha256)


@router.post("/bank-files/{sha256}/decision")
async def post_bank_file_decision(context: BankLineResolver, sha256: Sha256, body: FileActInput) -> BankFileDetail:
    """A refused file is read once more, dismissed, or opened again."""
    await decide_refused_file(context, sha256, body.act, body.reason)
    return await bank_lines.get_bank_file(context, sha256)


@router.get("/bank-files/{sha256}/lines")
async def list_bank_file_lines(
    context: PaymentReader, sha256: Sha256, paging: Annotated[Paging, Depends(bank_lines.LINES)]
) -> Page[BankLineView]:
    """What became of each line of the file."""
    return await bank_lines.list_file_lines(context, paging, sha256)


@router.get("/unmatched")
async def list_unmatched(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(bank_files.UNMATCHED)],
    region: str | None = None,
    which: OpenLines = OpenLines.UNMATCHED,
) -> Page[UnmatchedLineView]:
    return await bank_files.list_unmatched(context, paging, region, which)


@router.get("/bank-lines/{line_id}")
async def get_bank_line(context: PaymentReader, line_id: UUID) -> BankLineDetail:
    """With the payments and recoveries that it could be about, what speaks for each, and what a match would change."""
    return await bank_lines.get_bank_line(context, line_id)


@router.post("/bank-lines/{line_id}/resolution")
async def post_bank_line_resolution(context: BankLineResolver, line_id: UUID, body: ResolutionInput) -> UnmatchedLineView:
    return UnmatchedLineView.of(await resolve_bank_line(context, line_id, body.resolution))


@router.post("/bank-lines/{line_id}/proposals", status_code=201)
async def post_bank_line_proposal(context: BankLineResolver, line_id: UUID, body: LineProposalInput) -> LineProposalView:
    """What the line is, as one person sees it; nothing moves before a second one has confirmed."""
    parts = tuple(LinePart(one.resolution, one.amount_minor, one.disbursement_id, one.recovery_id, one.rest) for one in body.parts)
    decision = LineDecision(body.resolution, body.reason, body.disbursement_id, body.recovery_id, body.rest, parts)
    return LineProposalView.of(await propose_line_resolution(context, line_id, decision))


@router.post("/line-proposals/{proposal_id}/confirmation")
async def post_line_proposal_confirmation(context: BankLineResolver, proposal_id: UUID) -> LineProposalView:
    return LineProposalView.of(await confirm_line_resolution(context, proposal_id))


@router.post("/line-proposals/{proposal_id}/rejection")
async def post_line_proposal_rejection(context: BankLineResolver, proposal_id: UUID) -> LineProposalView:
    return LineProposalView.of(await reject_line_resolution(context, proposal_id))
