"""An operator confirms which payment files the bank was given in the recovery gap, and payments go on."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, union
from sqlmodel import col

from services.payments.domain.bank_lines import NO_REFERENCE, OF_NO_KNOWN_ORDER, LineOutcome
from services.payments.domain.line_references import Number, all_names_of, naming_texts
from services.payments.domain.states import BatchState
from services.payments.domain.status import AttemptState
from services.payments.iso20022.model import own_batch_id
from services.payments.queries.holds import hold_in_force
from services.payments.steps.batches import record_sent
from services.payments.tables import AttemptRow, BankLineRow, BatchRow, HoldRow, OrphanOrderRow
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context

BOOKED_WITHIN_DAYS = 5
"""Our own rule: an order from just before the data loss is booked on the next bank day, at the latest after a weekend and a holiday."""


async def release_hold(context: Context, assurance: str, statements_until: date | None = None) -> HoldRow | None:
    """Lifts the hold; None when payments are not held. Before, the outgoing folder and the bank's answers have been imported.

    `statements_until`: the assurance rests on statements up to this day; `Refused` 'statements-too-early' when an order of the
    recovery gap need not be on them yet. `Conflict` 'orders-missing' while the bank reports payments of ours that are in no file
    here: they would be paid again. Their files have to be put back into the outgoing folder first.
    """
    hold = await hold_in_force(context)
    if hold is None:
        return None
    if statements_until is not None:
        _check_statements(statements_until, (hold.since + timedelta(days=BOOKED_WITHIN_DAYS)).date(), context.now.date())
    missing = await _orders_missing_locally(context)
    if missing:
        raise Conflict(
            "orders-missing",
            "The bank reports {count} payments that no file in the outgoing folder orders. Put their files back: {files}.",
            count=len(missing),
            files=sorted(set(missing)),
        )
    for batch_id in await _answered_batches(context):
        await record_sent(context, batch_id)
    hold.lifted_at, hold.lifted_by, hold.assurance = context.now, context.actor.id, assurance
    return hold


def _check_statements(until: date, earliest: date, today: date) -> None:
    if not earliest <= until <= today:
        raise Refused(
            "statements-too-early", "Statements have to reach at least {earliest}, and at most {today}.", earliest=earliest, today=today
        )


async def _orders_missing_locally(context: Context) -> list[str]:
    """For each order that the bank reports and that is not known here, the reference of its payment file. A bank may give only the id of
    the payment, with the number of the attempt or without, or that of the batch. What a person has resolved is no order of ours."""
    no_order = col(BankLineRow.reason).in_(OF_NO_KNOWN_ORDER)
    no_batch = and_(col(BankLineRow.reason) == NO_REFERENCE, col(BankLineRow.pmt_inf_id).is_not(None))
    status = and_(col(BankLineRow.amount_minor).is_(None), col(BankLineRow.pmt_inf_id).is_not(None))  # also that it is a repetition
    is_open = (col(BankLineRow.outcome) == LineOutcome.UNMATCHED, col(BankLineRow.resolved_at).is_(None))
    unknown = (*is_open, or_(no_order, no_batch, status))
    lines: Sequence[BankLineRow] = (await context.session.scalars(select(BankLineRow).where(*unknown))).all()
    of_line = {line.id: all_names_of(*naming_texts(line.end_to_end_id, line.instr_id, line.pmt_inf_id)) for line in lines}
    batches = {line.id: own_batch_id(line.pmt_inf_id) for line in lines}
    known = await _known(context, frozenset[UUID | Number]().union(*of_line.values(), filter(None, batches.values())))
    missing = {
        of_line[line.id] or frozenset(filter(None, [batches[line.id]])): line.pmt_inf_id or "(no reference)"
        for line in lines
        if of_line[line.id] - known or (batches[line.id] and batches[line.id] not in known)
    }
    return list(missing.values())


async def _known(context: Context, names: frozenset[UUID | Number]) -> set[UUID | Number]:
    """Those that are ordered in a batch here, or in a file that is imported. An attempt that is approved here and in no file was ordered
    in the recovery gap. A number says something of a payment alone."""
    if not names:
        return set()
    ids = [name for name in names if isinstance(name, UUID)]
    is_ordered = col(AttemptRow.batch_id).is_not(None)
    own = [select(col(column)).where(col(column).in_(ids), is_ordered) for column in (AttemptRow.id, AttemptRow.disbursement_id)]
    columns = (BatchRow.id, OrphanOrderRow.attempt_id, OrphanOrderRow.disbursement_id)
    queries = [*own, *(select(col(column)).where(col(column).in_(ids)) for column in columns)]
    known: set[UUID | Number] = set(await context.session.scalars(union(*queries)))
    numbered = [name for name in names if not isinstance(name, UUID)]
    of_payments = {payment for payment, _ in numbered}
    ordered = [
        select(col(row.disbursement_id), col(row.number)).where(col(row.disbursement_id).in_(of_payments), col(row.batch_id).is_not(None))
        for row in (AttemptRow, OrphanOrderRow)
    ]
    rows = (await context.session.execute(union(*ordered))).all() if numbered else []
    attempts, ordered_payments = {(payment, number) for payment, number in rows}, {payment for payment, _ in rows}
    return known | {name for name in numbered if name in attempts or name[0] in known - ordered_payments}


async def _answered_batches(context: Context) -> list[UUID]:
    """Batches that are not recorded as sent although the bank has answered on them: sending them would order them a second time."""
    answered = exists().where(col(AttemptRow.batch_id) == col(BatchRow.id), col(AttemptRow.state) != AttemptState.SEALED)
    return list(
        await context.session.scalars(
            select(col(BatchRow.id)).where(col(BatchRow.state) != BatchState.SENT, col(BatchRow.imported_at).is_(None), answered)
        )
    )
