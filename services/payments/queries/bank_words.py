"""What the bank said about lines, in words."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.bank_words import BANK
from services.payments.domain.status import PaymentEvent
from services.payments.tables import BankLineRow, BankWordsRow
from shared.messaging.context import Context


async def words_of_lines(context: Context, line_ids: Collection[UUID]) -> dict[UUID, dict[str, list[str]]]:
    """Without those that were erased or removed."""
    rows = await context.session.scalars(select(BankWordsRow).where(col(BankWordsRow.line_id).in_(line_ids)))
    return {row.line_id: row.words for row in rows if row.words}


async def words_of_attempts(context: Context, attempt_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Attempt → the bank's words with which it was rejected, or came back. The caller authorises."""
    query = select(BankLineRow).where(
        col(BankLineRow.attempt_id).in_(attempt_ids),
        col(BankLineRow.payment_event).in_((PaymentEvent.BANK_REJECTED, PaymentEvent.RETURNED)),
        or_(col(BankLineRow.outcome) == LineOutcome.APPLIED, col(BankLineRow.resolved_at).is_not(None)),
    )
    lines = (await context.session.scalars(query.order_by(col(BankLineRow.id)))).all()
    words = await words_of_lines(context, [line.id for line in lines])
    return {line.attempt_id: words[line.id].get(BANK, []) for line in lines if line.attempt_id and line.id in words}
