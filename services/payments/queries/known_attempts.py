"""Attempts as the matching of bank lines sees them."""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import BOOKED_TWICE, SECOND_DEBIT_RETURNED, KnownAttempt, LineOutcome
from services.payments.domain.contradictions import CHANGES_NOTHING
from services.payments.domain.states import BatchState
from services.payments.domain.status import AttemptState
from services.payments.queries.holds import hold_in_force
from services.payments.queries.movements import movements_of
from services.payments.tables import AttemptRow, BankLineRow, BatchRow, DisbursementRow
from shared.kernel.money import Money
from shared.messaging.context import Context

_MOVED = (AttemptState.PAID, AttemptState.RETURNED)


async def known_attempts(context: Context, *criteria: Any, lock: bool = False, most: int | None = None) -> list[KnownAttempt]:
    """All attempts of the disbursements that the criteria name; the bank may answer on an earlier one. A batch that is sealed here may have
    been released before a restore. `lock`: against other writers, by who acts."""
    released = or_(col(BatchRow.state) != BatchState.SEALED, col(BatchRow.imported_at).is_not(None))
    query = (
        select(AttemptRow, DisbursementRow, col(BatchRow.debtor_account), col(BatchRow.execution_on), released, _more_debits())
        .join(DisbursementRow, col(DisbursementRow.id) == col(AttemptRow.disbursement_id))
        .outerjoin(BatchRow, col(BatchRow.id) == col(AttemptRow.batch_id))
        .where(*criteria)
        .order_by(col(AttemptRow.disbursement_id), col(AttemptRow.number))
        .limit(most)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(key_share=True, of=AttemptRow)
    held = await hold_in_force(context) is not None
    rows = (await context.session.execute(query)).all()
    moved = await movements_of(context, [row[0].id for row in rows if row[0].state in _MOVED])
    return [
        KnownAttempt(
            attempt_id=attempt.id,
            disbursement_id=disbursement.id,
            batch_id=attempt.batch_id,
            state=AttemptState(attempt.state),
            account=account or "",
            amount=Money(disbursement.amount_minor, disbursement.currency),
            bank_reference=attempt.bank_reference,
            given_out=bool(is_released) or held,
            paid_on=attempt.paid_on,
            booked_by=attempt.booked_by,
            execution_on=execution_on,
            second_debits=more,
            returned_on=attempt.returned_on,
            debits=moved.get((attempt.id, False), ()),
            returns=moved.get((attempt.id, True), ()),
            is_latest=attempt.number == disbursement.attempt,
            number=attempt.number,
        )
        for attempt, disbursement, account, execution_on, is_released, more in rows
    ]


def _more_debits() -> ColumnElement[int]:
    """Second debits of the attempt, less what came back of them. A person may have said of a line that it changes nothing."""

    def lines(reason: str) -> ColumnElement[int]:
        stands = or_(col(BankLineRow.resolution).is_(None), col(BankLineRow.resolution).not_in(CHANGES_NOTHING))
        of_attempt = (col(BankLineRow.attempt_id) == col(AttemptRow.id), col(BankLineRow.outcome) == LineOutcome.UNMATCHED)
        return select(func.count()).where(*of_attempt, col(BankLineRow.reason) == reason, stands).correlate(AttemptRow).scalar_subquery()

    return lines(BOOKED_TWICE) - lines(SECOND_DEBIT_RETURNED)
