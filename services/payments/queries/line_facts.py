"""An unmatched line as a person decides on it: whose it is, and what is known of it."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import UNMARKED, BankLine
from services.payments.domain.candidates import LineFacts
from services.payments.domain.deposits import DOUBTFUL
from services.payments.domain.status import PaymentEvent
from services.payments.tables import BankLineRow, StatementRow
from shared.identity.permissions import Permission, authorise, require_role, visible_regions
from shared.kernel.errors import Forbidden
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from shared.messaging.context import Context

_FILES = UUID("0d3a4f3e-58f7-8f0a-8a15-6f7bd90f5a3c")


def line_id_of(file_sha256: str, number: int) -> UUID:
    """`number` counts the lines of the file from 1."""
    return derive_id(_FILES, file_sha256, number)


async def authorise_for_line(context: Context, permission: Permission, line: BankLineRow) -> None:
    """Of a line that names no region, those whose account the statement is of; where that is not known either, any region of the actor.

    `Forbidden` 'wrong-role' or 'foreign-region'.
    """
    regions = await regions_of_line(context, line)
    if len(regions) == 1:
        authorise(context.actor, permission, region=next(iter(regions)))
    else:
        require_role(context.actor, permission)
        if regions and not regions & visible_regions(context.actor, permission, None):
            raise Forbidden("foreign-region", "Your roles do not hold in this region ({region}).", region=min(regions))


async def regions_of_line(context: Context, line: BankLineRow) -> frozenset[str]:
    """Empty where nothing says whose the line is."""
    if line.region is not None:
        return frozenset({line.region})
    accounts = await accounts_of_file(context, line.file_sha256)
    return frozenset(policy.region for policy in context.policies.all() if policy.bank.debtor_iban in accounts)


async def accounts_of_file(context: Context, sha256: str) -> Collection[str]:
    """The accounts whose statements are in the file."""
    return set(await context.session.scalars(select(col(StatementRow.account)).where(col(StatementRow.file_sha256) == sha256)))


async def facts_of(context: Context, row: BankLineRow, amount: Money | None = None) -> LineFacts:
    """`amount`: what counts as the line's, where only a part of it is meant."""
    line = line_of(row) if amount is None else replace(line_of(row), amount=amount)
    return LineFacts(line, row.disbursement_id, await accounts_of_file(context, row.file_sha256))


def line_of(row: BankLineRow) -> BankLine:
    """The line as it was read, as far as it is stored."""
    return BankLine(
        PaymentEvent(row.payment_event) if row.payment_event else None,
        note="" if row.payment_event else row.reason,
        end_to_end_id=row.end_to_end_id,
        instr_id=row.instr_id,
        pmt_inf_id=row.pmt_inf_id,
        amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency or ""),
        on=row.on,
        bank_reason=row.bank_reason,
        bank_reference=row.bank_reference,
        stored_as=row.id,
    )


def is_credit(row: BankLineRow) -> bool:
    """Money came in: of somebody, or a payment of ours that was returned."""
    quoted = row.recovery_id is not None or row.reason.startswith(DOUBTFUL)
    return row.payment_event == PaymentEvent.RETURNED or row.reason in UNMARKED or quoted


async def ledger_of_line(context: Context, row: BankLineRow) -> str | None:
    """The region whose ledger gets an entry: the line's; where nothing says whose it is, the only one of the actor. None: not known."""
    regions = await regions_of_line(context, row) or visible_regions(context.actor, Permission.READ_PAYMENTS, None)
    return next(iter(regions)) if len(regions) == 1 else None
