"""A person gives the next approval that the policy asks for; with the last one the payment may be sealed."""

from uuid import UUID

from services.payments.steps.approval import approve
from services.payments.tables import DisbursementRow
from shared.messaging.context import Context


async def approve_disbursement(context: Context, disbursement_id: UUID, read_hash: str) -> DisbursementRow:
    """`Conflict` 'approval-outdated' when the payment is not what the approver read; raises as `steps/approval.py`."""
    return await approve(context, disbursement_id, read_hash)
