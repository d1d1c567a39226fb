"""How many approvals a payment needs, by what else is prepared or paid on its voucher and to its account."""

from services.payments.domain.approvals import approvals_needed, counted_minor
from services.payments.locks import lock_account
from services.payments.queries.approvals import other_payments
from services.payments.tables import AttemptRow, DisbursementRow, PayeeRow
from shared.messaging.context import Context
from shared.policy.sections import Approvals


async def count_for_approvals(
    context: Context, disbursement: DisbursementRow, attempt: AttemptRow, payee: PayeeRow, approvals: Approvals
) -> None:
    """Sets the sum that counts and the number of approvals, which only grow: what others cancel later makes no payment smaller.

    The caller holds the locks on voucher and payee.
    """
    await lock_account(context, payee.account_key or "")
    others = await other_payments(context, disbursement, payee, approvals)
    attempt.counted_minor = max(attempt.counted_minor, counted_minor(disbursement.amount_minor, others))
    attempt.approvals_needed = approvals_needed(attempt.counted_minor, approvals)
