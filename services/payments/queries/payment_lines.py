"""What the bank said about one payment, line by line, with its words and why each line was matched or not."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.bank_words import BANK
from services.payments.queries.bank_words import words_of_lines
from services.payments.queries.desk_views import BankLineView, PaymentLineView
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, DisbursementRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context

MOST_LINES = 200


async def list_payment_lines(context: Context, disbursement_id: UUID) -> list[PaymentLineView]:
    """The last one first: those that name it, and those of a batch that orders it. `NotFound` 'unknown-disbursement'."""
    row = await context.session.get(DisbursementRow, disbursement_id)
    if row is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=row.region)
    attempts = select(AttemptRow).where(col(AttemptRow.disbursement_id) == disbursement_id)
    known = (await context.session.scalars(attempts)).all()
    about = or_(
        col(BankLineRow.disbursement_id) == disbursement_id,
        col(BankLineRow.attempt_id).in_([one.id for one in known]),
        col(BankLineRow.batch_id).in_([one.batch_id for one in known if one.batch_id]),
    )
    query = select(BankLineRow, BankFileRow).join(BankFileRow).where(about)
    query = query.order_by(col(BankFileRow.taken_at).desc(), col(BankLineRow.line).desc()).limit(MOST_LINES)
    found = (await context.session.execute(query)).all()
    words = await words_of_lines(context, [line.id for line, _ in found])
    return [
        PaymentLineView(
            **BankLineView.of(line).model_dump(), file_name=file.name, taken_at=file.taken_at, words=words.get(line.id, {}).get(BANK, [])
        )
        for line, file in found
    ]
