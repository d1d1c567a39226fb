"""A bank file that the restored database does not know is taken in as a fact: the money that it orders may have gone."""

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.status import State
from services.payments.iso20022.model import Account
from services.payments.iso20022.pain001_reader import OrderedBatch, read_batch
from services.payments.locks import known_disbursement
from services.payments.steps.place_order import place_order
from services.payments.tables import AttemptRow, BatchRow, OrphanOrderRow
from shared.contracts.payments import BatchSealed
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy

FOUND = "found-after-restore"


async def find_orders(context: Context, data: bytes, max_bytes: int) -> int:
    """How many orders of the file were unknown. The file becomes a sealed batch with these bytes; what it pays is placed as soon as
    the attempt is there and approved, and is never ordered again.

    `Refused` for a file that cannot be read, `Conflict` 'another-file' for a known batch with other bytes.
    """
    file, sha256 = read_batch(data, max_bytes=max_bytes), hashlib.sha256(data).hexdigest()
    known = await context.session.get(BatchRow, file.batch_id)
    if known is not None:
        if known.file_hash != sha256:
            raise Conflict("another-file", f"The file of batch {file.batch_id} is not the one that was sealed.")
        return 0
    policy = _policy(context.policies, file)
    batch = BatchRow(
        id=file.batch_id, region=policy.region, policy_id=policy.id, currency=file.total.currency, debtor_account=policy.bank.debtor_iban,
        state="sealed", disbursements=len(file.transfers), total_minor=file.total.minor, file_hash=sha256, file=data,
        execution_on=file.execution_on, sealed_at=file.sealed_at, found_at=context.now,
    )  # fmt: skip
    context.session.add(batch)
    await context.session.flush()
    context.session.add_all(
        OrphanOrderRow(
            attempt_id=one.attempt_id, disbursement_id=one.disbursement_id, batch_id=batch.id, voucher_code=one.voucher_code,
            amount_minor=one.amount.minor, currency=one.amount.currency,
        )
        for one in file.transfers
    )  # fmt: skip
    sealed = BatchSealed(
        batch_id=batch.id, region=batch.region, currency=batch.currency, disbursements=batch.disbursements,
        total_minor=batch.total_minor, file_hash=batch.file_hash, execution_on=batch.execution_on,
    )  # fmt: skip
    publish(context, sealed, reason=FOUND, policy_id=policy.id)
    await context.session.flush()
    for disbursement_id in await _approved(context, file):
        await place_order(context, *await known_disbursement(context, disbursement_id))
    return len(file.transfers)


def _policy(book: PolicyBook, file: OrderedBatch) -> Policy:
    """The latest one that pays from the account that the file draws on."""
    drawn = Account(file.debtor_account).compact
    paying = [policy for policy in book.all() if Account(policy.bank.debtor_iban).compact == drawn]
    if not paying:
        raise Refused("foreign-account", f"Batch {file.batch_id} draws on an account that no policy pays from.")
    return max(paying, key=lambda policy: policy.effective_from)


async def _approved(context: Context, file: OrderedBatch) -> list[UUID]:
    """Disbursements whose attempt of this file is approved here, and would be sealed a second time."""
    named = [one.attempt_id for one in file.transfers]
    query = select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.id).in_(named), col(AttemptRow.state) == State.APPROVED)
    return sorted(await context.session.scalars(query))
