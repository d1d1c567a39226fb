"""A claim with its lines, its documents and its sums."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.claim_lines import compute
from services.payments.queries.claim_lines import as_line, lines_by_claim, value_of
from services.payments.queries.claim_views import ClaimDetail, ComputationView, DocumentView, LineView
from services.payments.queries.claims import claim_to_read, claim_view
from services.payments.tables import ClaimFileRow, ClaimLineRow, ClaimRow, DraftLineRow, EvidenceRow, PayeeRow, VoucherRow
from shared.files.sealed import open_content
from shared.files.store import FileStore
from shared.identity.permissions import Permission, acts_as_applicant
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context
from shared.web.access_log import Shown, record_access


async def get_claim_detail(context: Context, claim_id: UUID) -> ClaimDetail:
    """The reading of words and names by the agency is recorded. Raises as `claim_to_read`."""
    claim = await claim_to_read(context, claim_id)
    await record_access(context, Permission.READ_VOUCHER, [(claim.id, claim.region)])
    return await claim_detail(context, claim)


async def claim_detail(context: Context, claim: ClaimRow) -> ClaimDetail:
    """As the officer sees it after a change."""
    voucher = await context.session.get_one(VoucherRow, claim.voucher_id)
    payee = await context.session.get_one(PayeeRow, claim.payee_id)
    rows = (await lines_by_claim(context, [claim.id]))[claim.id]
    is_hidden = claim.state == ClaimState.LODGED and acts_as_applicant(context.actor, Permission.READ_VOUCHER, claim.region)
    documents = await _documents_of(context, claim.id)
    lines = [as_line(row, with_cut=not is_hidden) for row in rows]
    policy = context.policies.get(voucher.policy_id)
    before, added = claim.before_minor or 0, claim.remainder_minor or 0
    sums = compute(lines, policy, value_of(claim, voucher), before, voucher.terms, added) if rows else None
    return ClaimDetail.model_validate(
        {
            **(await claim_view(context, claim)).model_dump(),
            "lines": [line_view(row, documents.get(row.number, ()), is_hidden=is_hidden) for row in rows],
            "computation": sums and ComputationView.model_validate(sums),
            "pay_to": payee.name,
        }
    )


def line_view(row: DraftLineRow | ClaimLineRow, documents: Iterable[ClaimFileRow], *, is_hidden: bool = False) -> LineView:
    """`is_hidden`: what an officer has cut so far is not shown."""
    own: dict[str, Any] = {"line_id": None, "cut_minor": None, "cut_reason": None}
    if isinstance(row, DraftLineRow):
        own["line_id"] = row.id
    elif not is_hidden:
        own |= {"cut_minor": row.cut_minor, "cut_reason": row.cut_reason}
    shown = [DocumentView.model_validate(one) for one in documents]
    return LineView.model_validate({**row.model_dump(), **own, "documents": shown})


async def _documents_of(context: Context, claim_id: UUID) -> Mapping[int, Sequence[ClaimFileRow]]:
    """Line → its documents as they were lodged."""
    file, evidence = ClaimFileRow, EvidenceRow
    query = select(col(evidence.line), file).join(evidence, col(evidence.file_id) == col(file.id)).where(col(evidence.claim_id) == claim_id)
    found: dict[int, list[ClaimFileRow]] = {}
    for line, row in (await context.session.execute(query.order_by(col(evidence.number)))).all():
        found.setdefault(line or 0, []).append(row)
    return found


async def document_of_claim(context: Context, claim_id: UUID, file_id: UUID) -> ClaimFileRow:
    """A document that the claim names; the reading is recorded. Raises as `claim_to_read`; `NotFound` 'unknown-file'."""
    claim = await claim_to_read(context, claim_id)
    named = (col(EvidenceRow.claim_id) == claim.id, col(EvidenceRow.file_id) == file_id)
    found = await context.session.scalar(select(col(EvidenceRow.file_id)).where(*named))
    file = None if found is None else await context.session.get(ClaimFileRow, found)
    if file is None or file.deleted_at is not None:
        raise unknown_file()
    await record_access(context, Permission.READ_VOUCHER, [(file.id, file.region)], Shown.FILE)
    return file


async def content_of(context: Context, store: FileStore, file: ClaimFileRow) -> bytes:
    """`NotFound` 'unknown-file' when the store has it no longer; `Unavailable`; `SealBroken` for a content that was changed or moved."""
    stored = await store.get(file.id)
    content = None if stored is None else await open_content(context.session, file.organisation_id, (file.id, file.draft_id), stored)
    if content is None:
        raise unknown_file()
    return content


def unknown_file() -> NotFound:
    return NotFound("unknown-file", "There is no such file.")
