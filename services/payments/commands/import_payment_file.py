"""Imports a payment file that the restored database does not know: the money that it orders may be paid."""

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import BatchState
from services.payments.domain.status import AttemptState
from services.payments.iso20022.model import Account
from services.payments.iso20022.pain001_reader import OrderedBatch, read_batch
from services.payments.locks import lock_disbursement
from services.payments.steps.events import publish_batch_sealed
from services.payments.steps.match_orphan_order import match_orphan_order
from services.payments.steps.waiting_lines import await_orders
from services.payments.tables import AttemptRow, BatchRow, OrphanOrderRow
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy


async def import_payment_file(context: Context, data: bytes, max_bytes: int) -> int:
    """Returns the number of orders that were unknown. The file becomes a sealed batch with these bytes, its transfers orphan orders.

    Each is matched to its attempt as soon as that exists and is approved, and is never ordered again. `Refused` for a file that cannot
    be read, `Conflict` 'file-differs-from-batch' for a known batch with other bytes.
    """
    file, sha256 = read_batch(data, max_bytes=max_bytes), hashlib.sha256(data).hexdigest()
    known = await context.session.get(BatchRow, file.batch_id)
    if known is not None:
        if known.file_hash != sha256:
            raise Conflict("file-differs-from-batch", "The file of batch {batch} differs from the sealed one.", batch=file.batch_id)
        if known.state == BatchState.SEALED:
            known.imported_at = context.now  # its signed file shows that it was released after the backup
        return 0
    batch = await _add_batch(context, file, data, sha256)
    await await_orders(context, batch, {name for one in file.transfers for name in (one.disbursement_id, one.attempt_id)})
    for disbursement_id in await _approved(context, file):
        await match_orphan_order(context, *await lock_disbursement(context, disbursement_id))
    return len(file.transfers)


async def _add_batch(context: Context, file: OrderedBatch, data: bytes, sha256: str) -> BatchRow:
    policy = _policy(context.policies, file)
    batch = BatchRow(
        id=file.batch_id, region=policy.region, policy_id=policy.id, currency=file.total.currency, debtor_account=policy.bank.debtor_iban,
        state=BatchState.SEALED, disbursements=len(file.transfers), total_minor=file.total.minor, file_hash=sha256, file=data,
        execution_on=file.execution_on, sealed_at=file.sealed_at, imported_at=context.now,
    )  # fmt: skip
    context.session.add(batch)
    await context.session.flush()
    context.session.add_all(
        OrphanOrderRow(
            attempt_id=one.attempt_id, disbursement_id=one.disbursement_id, batch_id=batch.id, voucher_code=one.voucher_code,
            amount_minor=one.amount.minor, currency=one.amount.currency, number=one.number,
        )
        for one in file.transfers
    )  # fmt: skip
    publish_batch_sealed(context, batch, "imported-after-restore")
    await context.session.flush()
    return batch


def _policy(book: PolicyBook, file: OrderedBatch) -> Policy:
    """The latest policy that pays from the file's debtor account. `Refused` 'foreign-account'."""
    drawn = Account(file.debtor_account).compact
    paying = [policy for policy in book.all() if Account(policy.bank.debtor_iban).compact == drawn]
    if not paying:
        raise Refused("foreign-account", "Batch {batch} draws on an account that no policy pays from.", batch=file.batch_id)
    return max(paying, key=lambda policy: policy.effective_from)


async def _approved(context: Context, file: OrderedBatch) -> list[UUID]:
    """Disbursements whose attempt of this file is approved here, and would be sealed a second time."""
    named = [one.attempt_id for one in file.transfers]
    query = select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.id).in_(named), col(AttemptRow.state) == AttemptState.APPROVED)
    return sorted(await context.session.scalars(query))
