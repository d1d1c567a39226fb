"""The lines of drafts and of claims, with their documents, as the rules read them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.claim_hours import Hours
from services.payments.domain.claim_lines import Document, Line
from services.payments.tables import ClaimFileRow, ClaimLineRow, ClaimRow, DraftLineRow, VoucherRow
from shared.kernel.errors import NotFound
from shared.kernel.invoice_numbers import issuer_hash
from shared.messaging.context import Context


async def lines_of(context: Context, draft_id: UUID) -> Sequence[DraftLineRow]:
    """In the order in which they were begun."""
    query = select(DraftLineRow).where(col(DraftLineRow.draft_id) == draft_id).order_by(col(DraftLineRow.number))
    return (await context.session.scalars(query)).all()


async def documents_of(context: Context, draft_id: UUID) -> Sequence[ClaimFileRow]:
    """Those that are at a line of the draft."""
    row = ClaimFileRow
    query = select(row).where(col(row.draft_id) == draft_id, col(row.removed_at).is_(None), col(row.deleted_at).is_(None))
    return (await context.session.scalars(query.order_by(col(row.id)))).all()


async def lines_by_claim(context: Context, claim_ids: Sequence[UUID]) -> dict[UUID, list[ClaimLineRow]]:
    """Claim → its lines, in order; none for a claim that was lodged without."""
    query = select(ClaimLineRow).where(col(ClaimLineRow.claim_id).in_(claim_ids)).order_by(col(ClaimLineRow.number))
    found: dict[UUID, list[ClaimLineRow]] = {claim_id: [] for claim_id in claim_ids}
    for row in await context.session.scalars(query):
        found[row.claim_id].append(row)
    return found


def value_of(claim: ClaimRow, voucher: VoucherRow) -> int:
    """What the voucher was worth when the claim was lodged: its sums do not change by what is granted later."""
    return voucher.amount_minor if claim.value_minor is None else claim.value_minor


def as_line(row: DraftLineRow | ClaimLineRow, hash_key: bytes = b"", *, with_cut: bool = True) -> Line:
    """Without `hash_key` its seller is not compared with others. `with_cut` False: as it was lodged."""
    return Line(
        number=row.number,
        reference=row.reference or "",
        issued_on=row.issued_on,
        net_minor=row.net_minor,
        vat_minor=row.vat_minor,
        vat_recoverable=row.vat_recoverable,
        currency=row.currency,
        claimed_minor=row.claimed_minor,
        issuer_hash=issuer_hash(hash_key, row.seller_tax_number or "") if hash_key else "",
        delivered_on=row.delivered_on,
        paid_on=row.paid_on,
        ordered_on=row.ordered_on,
        cut_minor=(row.cut_minor or 0) if with_cut and isinstance(row, ClaimLineRow) else 0,
        hours=hours_in(row),
    )


def hours_in(row: DraftLineRow | ClaimLineRow) -> Hours | None:
    """None of an invoice."""
    if row.hours_hundredths is None or row.worked_from is None:
        return None
    return Hours(row.function or "", row.worked_from, row.issued_on, row.hours_hundredths)


def as_documents(lines: Sequence[DraftLineRow], files: Sequence[ClaimFileRow]) -> list[Document]:
    numbers = {line.id: line.number for line in lines}
    return [Document(numbers[file.line_id], file.id, file.kind, file.sha256) for file in files if file.line_id in numbers]


def unknown_draft() -> NotFound:
    return NotFound("unknown-draft", "There is no such draft of a claim.")
