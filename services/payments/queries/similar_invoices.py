"""Invoices of claims that look like those of other claims."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.payments.domain.invoices import Invoice, is_similar
from services.payments.tables import EvidenceRow
from shared.kernel.vocabulary import EvidenceKind
from shared.messaging.context import Context

_COLUMNS = (
    col(EvidenceRow.claim_id), col(EvidenceRow.number), col(EvidenceRow.number_key), col(EvidenceRow.amount_minor),
    col(EvidenceRow.issued_on), col(EvidenceRow.issuer_hash), col(EvidenceRow.organisation_id),
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
    for claim_id, number in await _same_files(context, wanted):
        found[claim_id] = sorted({*found[claim_id], number})
    return found


async def _same_files(context: Context, claim_ids: list[UUID]) -> list[tuple[UUID, int]]:
    """Documents of any kind whose file another live claim has too."""
    other = aliased(EvidenceRow)
    same = (col(other.sha256) == col(EvidenceRow.sha256), col(other.live), col(other.claim_id) != col(EvidenceRow.claim_id))
    query = select(col(EvidenceRow.claim_id), col(EvidenceRow.number)).join(other, and_(*same))
    rows = await context.session.execute(query.where(col(EvidenceRow.claim_id).in_(claim_ids)))
    return [(claim_id, number) for claim_id, number in rows.all()]


def _invoice(row: Any) -> Invoice:
    return Invoice(row.number_key, row.amount_minor, row.issued_on, row.issuer_hash, row.organisation_id)
