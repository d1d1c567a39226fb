"""The grant agreement of a voucher, for those who may read the voucher."""

from uuid import UUID

from services.vouchers.domain.agreement import terms_of
from services.vouchers.letters import Agreed, agreement_of
from services.vouchers.queries.changes import amendments_of
from services.vouchers.queries.vouchers import read_voucher
from shared.documents import Document
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def agreement_document(context: Context, voucher_id: UUID, language: str) -> Document:
    """Raises `NotFound` as `read_voucher`, and 'no-agreement' for a voucher that was never offered."""
    row = await read_voucher(context, voucher_id)
    if row.offered_at is None or row.answer_by is None:
        raise NotFound("no-agreement", "There is no agreement: the voucher was not offered.")
    accepted_at = row.answered_at if row.agreement_hash or row.committed_at else None
    agreed = Agreed(row.offered_at, row.answer_by, accepted_at, row.agreement_hash, row.code, await amendments_of(context, voucher_id))
    policy = context.policies.get(row.policy_id)
    return agreement_of(terms_of(policy, row), agreed, policy, language)
