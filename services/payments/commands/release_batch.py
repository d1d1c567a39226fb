"""A second person gives a sealed payment file out: only then is it signed and written for the bank."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import BatchState
from services.payments.domain.status import AttemptState
from services.payments.locks import lock_row
from services.payments.queries.contradictions import open_lines
from services.payments.queries.holds import refuse_while_held
from services.payments.tables import AttemptRow, BatchRow, BatchTransferRow, DisbursementRow, VoucherRow
from shared.contracts.payments import BatchReleased
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.acts import record_part, take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def release_batch(context: Context, batch_id: UUID) -> BatchRow:
    """By a person who took no other step of any payment in the file. `NotFound` 'unknown-batch', `Conflict` 'batch-not-sealed',
    'batch-contradicted' or 'payments-held'."""
    batch = await lock_row(context, BatchRow, col(BatchRow.id) == batch_id)
    if batch is None:
        raise NotFound("unknown-batch", "There is no such batch.")
    authorise(context.actor, Permission.RELEASE_BATCH, region=batch.region)
    await refuse_while_held(context)
    if batch.state != BatchState.SEALED:
        raise Conflict("batch-not-sealed", "The batch is {state}: it cannot be released.", state=batch.state)
    await _refuse_contradicted(context, batch)
    await _take_part(context, batch)
    batch.state, batch.released_at, batch.released_by = BatchState.RELEASED, context.now, context.actor.id
    released = BatchReleased(batch_id=batch.id, region=batch.region, file_hash=batch.file_hash)
    publish(context, released, reason="payment-run", policy_id=batch.policy_id)
    return batch


async def _refuse_contradicted(context: Context, batch: BatchRow) -> None:
    """The file orders all of its payments: each has to be still sealed in it, by its latest attempt, with no open line of the bank."""
    query = (
        select(AttemptRow, DisbursementRow)
        .join(BatchTransferRow, col(BatchTransferRow.attempt_id) == col(AttemptRow.id))
        .join(DisbursementRow, col(DisbursementRow.id) == col(AttemptRow.disbursement_id))
        .where(col(BatchTransferRow.batch_id) == batch.id)
        .execution_options(populate_existing=True)
    )
    ordered = [(attempt, disbursement) for attempt, disbursement in (await context.session.execute(query)).all()]
    open_ones = await open_lines(context, [disbursement for _, disbursement in ordered])
    stopped = [
        str(disbursement.id)
        for attempt, disbursement in ordered
        if attempt.state != AttemptState.SEALED or attempt.number != disbursement.attempt or disbursement.id in open_ones
    ]
    if stopped:
        raise Conflict(
            "batch-contradicted",
            "The batch cannot be released. These payments are not sealed in it any more, or a line of the bank about them is open: "
            "{payments}.",
            payments=sorted(stopped),
        )


async def _take_part(context: Context, batch: BatchRow) -> None:
    """In the case and the account of each payment. BatchReleased is about the file, so the acts are recorded here, one for each case."""
    query = (
        select(col(VoucherRow.call_id), col(VoucherRow.application_id), col(AttemptRow.payee_id))
        .join(DisbursementRow, col(DisbursementRow.voucher_id) == col(VoucherRow.id))
        .join(BatchTransferRow, col(BatchTransferRow.disbursement_id) == col(DisbursementRow.id))
        .join(AttemptRow, col(AttemptRow.id) == col(BatchTransferRow.attempt_id))
        .where(col(BatchTransferRow.batch_id) == batch.id)
    )
    cases, subjects = defaultdict[UUID, set[UUID]](set), defaultdict[UUID, set[UUID]](set)
    for call_id, application_id, payee_id in (await context.session.execute(query)).all():
        cases[call_id].add(application_id)
        subjects[call_id] |= {application_id, payee_id}
    for call_id in cases:
        await take_part(context, Duty.RELEASE, *subjects[call_id], call_id=call_id)
        for application_id in cases[call_id]:
            record_part(context, Duty.RELEASE, application_id, call_id)
