"""Payment files, and files of the bank, in which no case is left whose content is kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlmodel import col

from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, BatchTransferRow, DisbursementRow, VoucherRow
from shared.messaging.context import Context

_REMOVED = col(VoucherRow.removed_at).is_not(None)


async def batches_of_removed_vouchers(context: Context, voucher_id: UUID) -> Sequence[UUID]:
    """The batches that paid on this voucher, and on removed vouchers only. A batch with an order that matches no attempt keeps its file."""
    transfers = (
        select(col(BatchTransferRow.batch_id))
        .join(DisbursementRow, col(DisbursementRow.id) == col(BatchTransferRow.disbursement_id))
        .join(VoucherRow, col(VoucherRow.id) == col(DisbursementRow.voucher_id))
    )
    query = (
        transfers.join(BatchRow, col(BatchRow.id) == col(BatchTransferRow.batch_id))
        .where(col(BatchTransferRow.batch_id).in_(transfers.where(col(VoucherRow.id) == voucher_id)))
        .group_by(col(BatchTransferRow.batch_id), col(BatchRow.disbursements))
        .having(func.count().filter(_REMOVED) == col(BatchRow.disbursements))
        .order_by(col(BatchTransferRow.batch_id))
    )
    return (await context.session.scalars(query)).all()


async def removed_batches(context: Context, batch_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the batches whose file is removed."""
    query = select(col(BatchRow.id)).where(col(BatchRow.id).in_(batch_ids), col(BatchRow.removed_at).is_not(None))
    return set(await context.session.scalars(query))


async def removable_bank_files(context: Context) -> set[str]:
    """The hashes of the bank's files each of whose lines is about a removed voucher."""
    query = (
        select(col(BankLineRow.file_sha256))
        .join(BankFileRow, col(BankFileRow.sha256) == col(BankLineRow.file_sha256))
        .outerjoin(AttemptRow, col(AttemptRow.id) == col(BankLineRow.attempt_id))
        .outerjoin(DisbursementRow, col(DisbursementRow.id) == col(AttemptRow.disbursement_id))
        .outerjoin(VoucherRow, and_(col(VoucherRow.id) == col(DisbursementRow.voucher_id), _REMOVED))
        .where(col(BankFileRow.removed_at).is_(None))
        .group_by(col(BankLineRow.file_sha256))
        .having(func.bool_and(col(VoucherRow.id).is_not(None)))
    )
    return set(await context.session.scalars(query))
