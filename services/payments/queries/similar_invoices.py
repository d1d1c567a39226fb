"""Invoices of claims that look like those of other claims."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.invoices import Invoice, is_similar
from services.payments.tables import EvidenceRow
from shared.kernel.vocabulary import EvidenceKind
from shared.messaging.context import Context

_COLUMNS = (
    col(EvidenceRow.claim_id), col(EvidenceRow.number), col(EvidenceRow.number_key), col(EvidenceRow.amount_minor),
    col(EvidenceRow.issued_on), col(EvidenceRow.issuer_hash), col(EvidenceRow.organisation_id),
    col(EvidenceRow.sha256),
)  # fmt: skip


async def similar_lines(context: Context, claim_ids: Iterable[UUID]) -> dict[UUID, list[int]]:
    """Claim → the numbers of its documents that are similar to an invoice of another live claim. The keys are compared by their hashes."""
    wanted = list(claim_ids)
    invoices = select(*_COLUMNS).where(col(EvidenceRow.kind) == EvidenceKind.INVOICE, col(EvidenceRow.number_key).is_not(None))
    own = (await context.session.execute(invoices.where(col(EvidenceRow.claim_id).in_(wanted)).order_by(col(EvidenceRow.number)))).all()
    keys, issuers = {row.number_key for row in own}, {row.issuer_hash for row in own if row.issuer_hash}
    alike = or_(col(EvidenceRow.number_key).in_(keys), col(EvidenceRow.issuer_hash).in_(issuers))
    others = (await context.session.execute(invoices.where(col(EvidenceRow.live), alike))).all()
    found: dict[UUID, list[int]] = {claim_id: [] for claim_id in wanted}
    for row in own:
        if any(other.claim_id != row.claim_id and is_similar(_invoice(row), _invoice(other)) for other in others):
            found[row.claim_id].append(row.number)
    for claim_id, number in await _same_files(context, own):
        found[claim_id] = sorted({*found[claim_id], number})
    return found


async def _same_files(context: Context, own: Sequence[Any]) -> list[tuple[UUID, int]]:
    """Of these invoices those whose file another live claim has too. Asked apart: with three ways to be alike, all rows would be read."""
    file = col(EvidenceRow.sha256)
    query = select(col(EvidenceRow.claim_id), file).where(col(EvidenceRow.live), file.in_({row.sha256 for row in own}))
    others = (await context.session.execute(query)).all()
    same = {(row.claim_id, row.number) for row in own for claim_id, sha256 in others if sha256 == row.sha256 and claim_id != row.claim_id}
    return sorted(same)


def _invoice(row: Any) -> Invoice:
    return Invoice(row.number_key, row.amount_minor, row.issued_on, row.issuer_hash, row.organisation_id)
