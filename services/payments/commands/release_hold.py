"""Somebody answers for what the bank was given in the lost time: payments go on."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.hold_payments import hold_in_force
from services.payments.commands.send_batch import send_batch
from services.payments.domain.bank_lines import OF_NO_KNOWN_ORDER
from services.payments.domain.status import State
from services.payments.iso20022.model import own_id
from services.payments.tables import AttemptRow, BankLineRow, BatchRow, FoundOrderRow, HoldRow
from shared.kernel.errors import Conflict, Refused
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook

BOOKED_WITHIN_DAYS = 5
"""Ours: an order of the last moment before the loss is booked on the next bank day, over a weekend and a holiday at the latest."""


async def release_hold(
    session: AsyncSession, book: PolicyBook, cause: Cause, assurance: str, statements_until: date | None = None
) -> HoldRow | None:
    """None when nothing is held. The folder was compared and the bank's answers were taken in before.

    `statements_until`: the assurance rests on statements up to this day; `Refused` 'statements-too-early' when an order of the
    lost time need not be on them yet. `Conflict` 'orders-missing' while the bank speaks of orders of ours that are in no file
    here: what they paid would be paid again. Their files have to be put back into the outgoing folder first.
    """
    hold = await hold_in_force(session)
    if hold is None:
        return None
    earliest = (hold.since + timedelta(days=BOOKED_WITHIN_DAYS)).date()
    if statements_until is not None and not earliest <= statements_until <= cause.now.date():
        raise Refused("statements-too-early", f"Statements have to reach at least {earliest}, and not into the future.")
    missing = await _spoken_of_alone(session)
    if missing:
        raise Conflict(
            "orders-missing",
            f"The bank speaks of {len(missing)} payments that no file in the outgoing folder orders. Put their files back: "
            + ", ".join(sorted({str(batch) for batch in missing})),
        )
    for batch_id in await _answered(session):
        await send_batch(session, book, cause, batch_id)
    hold.lifted_at, hold.lifted_by, hold.assurance = cause.now, cause.actor, assurance
    return hold


async def _spoken_of_alone(session: AsyncSession) -> list[str]:
    """The references of the payment files, as the bank gives them, of orders that nobody here knows."""
    unknown = col(BankLineRow.outcome) == "unmatched", col(BankLineRow.reason).in_(OF_NO_KNOWN_ORDER)
    lines: Sequence[BankLineRow] = (await session.scalars(select(BankLineRow).where(*unknown))).all()
    named = {attempt_id: line.pmt_inf_id or "a file without reference" for line in lines if (attempt_id := own_id(line.instr_id))}
    return [named[attempt_id] for attempt_id in named.keys() - await _known(session, list(named))]


async def _known(session: AsyncSession, attempt_ids: list[UUID]) -> set[UUID]:
    return set(await session.scalars(select(col(FoundOrderRow.attempt_id)).where(col(FoundOrderRow.attempt_id).in_(attempt_ids))))


async def _answered(session: AsyncSession) -> list[UUID]:
    """Batches that are not noted as sent, though the bank has answered on them: sending them would order them a second time."""
    answered = exists().where(col(AttemptRow.batch_id) == col(BatchRow.id), col(AttemptRow.state) != State.SEALED)
    return list(
        await session.scalars(select(col(BatchRow.id)).where(col(BatchRow.state) == "sealed", col(BatchRow.found_at).is_(None), answered))
    )
