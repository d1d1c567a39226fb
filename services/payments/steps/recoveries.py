"""Orders and closes recoveries: paid money that is asked back."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from services.payments.domain.ledger import EntryKind
from services.payments.locks import lock_voucher
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.ledger import move_money, take_money
from services.payments.steps.recovery_orders import add_recovery, largest_amount
from services.payments.steps.settlement import settle_if_run_out
from services.payments.steps.state_aid import headroom_of_voucher
from services.payments.tables import AttemptRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.corrections import RecoveryReopened
from shared.contracts.payments import RecoverySettled, RecoveryWrittenOff
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.acts import take_part
from shared.messaging.context import Context

RETURNED_BY_BANK, CREDIT_MATCHED, CREDIT_NAMED = "returned-by-bank", "credit-matched", "credit-named"


async def recover_payment(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> None:
    """For a revoked voucher: asks back what this attempt paid, as far as it is not asked back already."""
    amount_minor = min(disbursement.aid_minor, await largest_amount(context, voucher))
    recovery_id = derive_id(attempt.id, "recovery")
    if amount_minor and await context.session.get(RecoveryRow, recovery_id) is None:
        add_recovery(context, voucher, recovery_id, amount_minor, "voucher-revoked").attempt_id = attempt.id
        await context.session.flush()


async def lock_open_recovery(context: Context, permission: Permission, recovery_id: UUID) -> tuple[VoucherRow, RecoveryRow]:
    """A recovery that is not closed, with its voucher, locked. `NotFound` 'unknown-recovery', `Conflict` 'recovery-closed'."""
    voucher_id = await context.session.scalar(select(col(RecoveryRow.voucher_id)).where(col(RecoveryRow.id) == recovery_id))
    if voucher_id is None:
        raise NotFound("unknown-recovery", "There is no such recovery.")
    voucher, recovery = await _lock_to_close(context, permission, recovery_id, voucher_id)
    if recovery.state != RecoveryState.ORDERED:
        raise Conflict("recovery-closed", "The recovery is {state}.", state=recovery.state)
    return voucher, recovery


async def _lock_to_close(context: Context, permission: Permission, recovery_id: UUID, voucher_id: UUID) -> tuple[VoucherRow, RecoveryRow]:
    """For the person who closes it, or undoes that, who is not the one who ordered it."""
    voucher = await lock_voucher(context, voucher_id)
    recovery = await context.session.get_one(RecoveryRow, recovery_id, populate_existing=True)
    authorise(context.actor, permission, region=recovery.region)
    await take_part(context, Duty.CLOSE_RECOVERY, voucher.application_id, call_id=voucher.call_id)
    return voucher, recovery


async def close_recovery(context: Context, voucher: VoucherRow, recovery: RecoveryRow, state: RecoveryState, reason: str) -> None:
    recovery.state, recovery.closed_at, recovery.closing_reason = state, context.now, reason
    event = RecoverySettled if state is RecoveryState.SETTLED else RecoveryWrittenOff
    closed = event(
        **voucher_fields(voucher), recovery_id=recovery.id, amount_minor=recovery.amount_minor, currency=recovery.currency,
        reopened=recovery.reopened or None,
    )  # fmt: skip
    publish_voucher_event(context, voucher, closed, reason)
    await settle_if_run_out(context, voucher)


async def is_credit_used(context: Context, bank_reference: str) -> bool:
    """Was another recovery settled with this credit?"""
    return bool(await context.session.scalar(select(exists().where(col(RecoveryRow.bank_reference) == bank_reference))))


async def settle(context: Context, voucher: VoucherRow, recovery: RecoveryRow, bank_reference: str | None, reason: str) -> None:
    """The money has come back: the amount is available in the envelope again."""
    recovery.bank_reference = bank_reference
    await move_money(context, voucher, EntryKind.RECOVERED, recovery.amount_minor, _origin_of(recovery))
    await close_recovery(context, voucher, recovery, RecoveryState.SETTLED, reason)


async def settle_by_person(context: Context, recovery_id: UUID, bank_reference: str, amount_minor: int | None = None) -> RecoveryRow:
    """By a second person who names the credit. `Conflict` 'already-returned', or 'reference-used' when another recovery was settled with
    the same credit; 'credit-differs' when `amount_minor` came in and another amount is asked back."""
    voucher, recovery = await lock_open_recovery(context, Permission.SETTLE_RECOVERY, recovery_id)
    if amount_minor is not None and amount_minor != recovery.amount_minor:
        owed = Money(recovery.amount_minor, recovery.currency)
        raise Conflict("credit-differs", "The credit is not the amount that is asked back ({owed}). Resolve the line otherwise.", owed=owed)
    if voucher.recovered_minor + recovery.amount_minor > voucher.paid_minor:
        raise Conflict("already-returned", "The bank has returned the payment since: close this recovery by a write-off.")
    if await is_credit_used(context, bank_reference):
        raise Conflict("reference-used", "Another recovery was settled with this reference of the bank.")
    await settle(context, voucher, recovery, bank_reference, CREDIT_NAMED)
    return recovery


async def close_returned(context: Context, voucher: VoucherRow, attempt: AttemptRow) -> None:
    """The bank returned the payment by itself: there is nothing to ask back, and the return has moved the money."""
    ordered = select(RecoveryRow).where(col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) == RecoveryState.ORDERED)
    for recovery in await context.session.scalars(ordered):
        await close_recovery(context, voucher, recovery, RecoveryState.SETTLED, RETURNED_BY_BANK)


async def undo_settlement(context: Context, recovery_id: UUID) -> None:
    """Two persons undo that a credit has settled it: the money is asked back again, and is no longer available to others.

    `Conflict` 'recovery-not-settled', 'recovered-money-gone' when others have got the money since, or 'recovered-aid-used' when the
    undertaking has got other aid since, up to the ceiling.
    """
    voucher_id = (await context.session.get_one(RecoveryRow, recovery_id)).voucher_id
    voucher, recovery = await _lock_to_close(context, Permission.SETTLE_RECOVERY, recovery_id, voucher_id)
    if recovery.state != RecoveryState.SETTLED or recovery.closing_reason != CREDIT_NAMED:
        raise Conflict("recovery-not-settled", "The recovery is not settled by this credit any more. Read it again.")
    headroom = await headroom_of_voucher(context, voucher)
    if headroom is not None and recovery.amount_minor > headroom:
        left = Money(headroom, voucher.currency)
        raise Conflict(
            "recovered-aid-used",
            "The undertaking has got other aid since the money came back: the ceiling of de minimis aid leaves {left}. Reduce or recover "
            "other aid first, and then undo this.",
            left=left,
            left_minor=left.minor,
        )
    _reopen(context, voucher, recovery, CREDIT_NAMED)
    origin = _origin_of(recovery)
    if await take_money(context, voucher, EntryKind.RECOVERED_UNDONE, recovery.amount_minor, origin) is None:
        raise Conflict(
            "recovered-money-gone",
            "The envelope has given the money to others since. Put more money into the envelope, and then undo this.",
        )


async def undo_returned(context: Context, voucher: VoucherRow, attempt: AttemptRow) -> None:
    """The payment did not come back after all: what was asked back of it is owed again. The undone return has moved the money."""
    closed = (col(RecoveryRow.state) == RecoveryState.SETTLED, col(RecoveryRow.closing_reason) == RETURNED_BY_BANK)
    for recovery in await context.session.scalars(select(RecoveryRow).where(col(RecoveryRow.attempt_id) == attempt.id, *closed)):
        _reopen(context, voucher, recovery, RETURNED_BY_BANK)


def _reopen(context: Context, voucher: VoucherRow, recovery: RecoveryRow, reason: str) -> None:
    recovery.state, recovery.closed_at, recovery.closing_reason, recovery.bank_reference = RecoveryState.ORDERED, None, None, None
    recovery.reopened += 1
    reopened = RecoveryReopened(
        **voucher_fields(voucher), recovery_id=recovery.id, amount_minor=recovery.amount_minor, currency=recovery.currency,
        reopened=recovery.reopened,
    )  # fmt: skip
    publish_voucher_event(context, voucher, reopened, reason)


def _origin_of(recovery: RecoveryRow) -> UUID:
    """What moves its money: the recovery, and once it is opened again, that. Each moves it once."""
    return derive_id(recovery.id, "reopened", recovery.reopened) if recovery.reopened else recovery.id


async def is_recovered(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> bool:
    """True when a person has recorded that the payment came back, or so much of the voucher's money that the payment is part of it."""
    if voucher.paid_minor - disbursement.aid_minor < voucher.recovered_minor:
        return True
    settled = select(col(RecoveryRow.id)).where(col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) == RecoveryState.SETTLED)
    return await context.session.scalar(settled.limit(1)) is not None
