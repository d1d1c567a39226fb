"""Somebody answers for what the bank was given in the lost time: payments go on."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from services.payments.commands.hold_payments import hold_in_force
from services.payments.commands.send_batch import send_batch
from services.payments.domain.bank_lines import OF_NO_KNOWN_ORDER
from services.payments.domain.status import State
from services.payments.iso20022.model import own_id
from services.payments.tables import AttemptRow, BankLineRow, BatchRow, HoldRow, OrphanOrderRow
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context

BOOKED_WITHIN_DAYS = 5
"""Ours: an order of the last moment before the loss is booked on the next bank day, over a weekend and a holiday at the latest."""


async def release_hold(context: Context, assurance: str, statements_until: date | None = None) -> HoldRow | None:
    """None when nothing is held. The folder was compared and the bank's answers were taken in before.

    `statements_until`: the assurance rests on statements up to this day; `Refused` 'statements-too-early' when an order of the
    lost time need not be on them yet. `Conflict` 'orders-missing' while the bank speaks of orders of ours that are in no file
    here: what they paid would be paid again. Their files have to be put back into the outgoing folder first.
    """
    hold = await hold_in_force(context)
    if hold is None:
        return None
    earliest = (hold.since + timedelta(days=BOOKED_WITHIN_DAYS)).date()
    if statements_until is not None and not earliest <= statements_until <= context.now.date():
        raise Refused("statements-too-early", f"Statements have to reach at least {earliest}, and not into the future.")
    missing = await _spoken_of_alone(context)
    if missing:
        raise Conflict(
            "orders-missing",
            f"The bank speaks of {len(missing)} payments that no file in the outgoing folder orders. Put their files back: "
            + ", ".join(sorted({str(batch) for batch in missing})),
        )
    for batch_id in await _answered(context):
        await send_batch(context, batch_id)
    hold.lifted_at, hold.lifted_by, hold.assurance = context.now, context.actor.id, assurance
    return hold


async def _spoken_of_alone(context: Context) -> list[str]:
    """The references of the payment files, as the bank gives them, of orders that nobody here knows."""
    unknown = col(BankLineRow.outcome) == "unmatched", col(BankLineRow.reason).in_(OF_NO_KNOWN_ORDER)
    lines: Sequence[BankLineRow] = (await context.session.scalars(select(BankLineRow).where(*unknown))).all()
    named = {attempt_id: line.pmt_inf_id or "a file without reference" for line in lines if (attempt_id := own_id(line.instr_id))}
    return [named[attempt_id] for attempt_id in named.keys() - await _known(context, list(named))]


async def _known(context: Context, attempt_ids: list[UUID]) -> set[UUID]:
    return set(await context.session.scalars(select(col(OrphanOrderRow.attempt_id)).where(col(OrphanOrderRow.attempt_id).in_(attempt_ids))))


async def _answered(context: Context) -> list[UUID]:
    """Batches that are not noted as sent, though the bank has answered on them: sending them would order them a second time."""
    answered = exists().where(col(AttemptRow.batch_id) == col(BatchRow.id), col(AttemptRow.state) != State.SEALED)
    return list(
        await context.session.scalars(
            select(col(BatchRow.id)).where(col(BatchRow.state) == "sealed", col(BatchRow.found_at).is_(None), answered)
        )
    )
