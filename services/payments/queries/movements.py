"""What lines of the bank say that moved for an attempt: each debit and each return that counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import (
    BOOKED_TWICE,
    RETURN_TAKEN_BACK,
    RETURNED_TWICE,
    SECOND_DEBIT_RETURNED,
    LineOutcome,
    kind_of,
)
from services.payments.domain.contradictions import OF_PAYMENTS, LineResolution
from services.payments.domain.movements import Movement
from services.payments.domain.status import PaymentEvent
from services.payments.tables import BankFileRow, BankLineRow
from shared.messaging.context import Context

Movements = Mapping[tuple[UUID, bool], tuple[Movement, ...]]
"""By attempt, and whether money came back."""
_COUNTS = or_(
    col(BankLineRow.outcome) == LineOutcome.APPLIED,
    col(BankLineRow.reason).in_((BOOKED_TWICE, SECOND_DEBIT_RETURNED, RETURNED_TWICE)),
    col(BankLineRow.resolution).in_((*OF_PAYMENTS, LineResolution.CONFIRMED)),
)
"""Applied, matched by persons, or known as one more. A return that waits for its booking does not count yet."""


async def movements_of(context: Context, attempt_ids: Collection[UUID]) -> Movements:
    if not attempt_ids:
        return {}
    await context.session.flush()
    of_attempts = (col(BankLineRow.attempt_id).in_(attempt_ids), col(BankLineRow.amount_minor).is_not(None), _COUNTS)
    query = select(BankLineRow, col(BankFileRow.message)).join(BankFileRow).where(*of_attempts).order_by(col(BankLineRow.id))
    found = defaultdict[tuple[UUID, bool], list[Movement]](list)
    for row, message in (await context.session.execute(query)).all():
        assert row.attempt_id is not None, "only lines about these attempts are read"
        movement = Movement(row.on, row.bank_reference, kind_of(message), row.id)
        found[row.attempt_id, came_back(row)].append(movement)
    return {key: tuple(movements) for key, movements in found.items()}


def came_back(row: BankLineRow) -> bool:
    """Of a line that is a movement of a payment. What came in without a mark is a return; a return that is taken back is a debit."""
    return row.payment_event == PaymentEvent.RETURNED or (row.payment_event == "" and row.reason != RETURN_TAKEN_BACK)
