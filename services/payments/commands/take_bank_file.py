"""A file from the bank is taken in: known by its hash, every line of it kept with what became of it, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.bank_lines import Line, lines_of_report, lines_of_statement
from services.payments.iso20022 import camt053, pain002
from services.payments.iso20022.model import own_id, reference
from services.payments.steps.reconciliation import apply_bank_line
from services.payments.tables import BankFileRow, BatchTransferRow
from shared.kernel.errors import Refused
from shared.messaging.context import Context

LINES_AT_ONCE = 500
"""So many lines are written at a time: a whole file of them would take gigabytes of memory."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What lay in the folder: its hash and its bytes, or in `refusal` the code of why it was not read to its end."""

    name: str
    sha256: str
    data: bytes = b""
    refusal: str | None = None


async def take_bank_file(context: Context, delivered: Delivered, max_bytes: int) -> BankFileRow:
    """A file known by its bytes changes nothing, under whatever name it comes. One that cannot be read is kept as refused.

    The row given back says where the file belongs: `state` taken or refused.
    """
    sha256 = delivered.sha256
    new = {
        "sha256": sha256, "name": delivered.name, "message": "", "state": "taken", "taken_at": context.now, "lines": 0, "applied": 0,
        "unmatched": 0,
    }  # fmt: skip
    claim = insert(BankFileRow).values(new).on_conflict_do_nothing().returning(col(BankFileRow.sha256))
    is_new = await context.session.scalar(claim) is not None
    file = await context.session.get_one(BankFileRow, sha256)
    if is_new:
        try:
            message, lines = await _read(context, delivered, max_bytes)
        except Refused as unreadable:
            file.state, file.reason = "refused", unreadable.code
            return file
        file.message, file.lines = message, len(lines)
        for number, line in enumerate(lines, 1):
            outcome = await apply_bank_line(context.at_a_new_instant(), sha256, number, line)
            file.applied += outcome == "applied"
            file.unmatched += outcome == "unmatched"
            if number % LINES_AT_ONCE == 0:
                await context.session.flush()
    return file


async def _read(context: Context, delivered: Delivered, max_bytes: int) -> tuple[str, list[Line]]:
    """Which of the two kinds of message it is shows when it is read; the second refusal is the one that counts."""
    if delivered.refusal:
        raise Refused(delivered.refusal, "What was delivered is not read.")
    data = delivered.data
    try:
        report = pain002.read_status_report(data, max_bytes=max_bytes)
    except Refused as refused:
        if refused.code != "unknown-message":
            raise
        statement = camt053.read_statement(data, max_bytes=max_bytes)
        if any(account.adds_up is False for account in statement.accounts):
            raise Refused("balances-disagree", "Opening balance and booked transactions do not give the closing balance.") from None
        return statement.message, lines_of_statement(statement)
    return report.message, lines_of_report(report, await _ordered(context, own_id(report.original_message_id)))


async def _ordered(context: Context, batch_id: UUID | None) -> Sequence[tuple[str, str]]:
    query = select(BatchTransferRow).where(col(BatchTransferRow.batch_id) == batch_id).order_by(col(BatchTransferRow.disbursement_id))
    return [(reference(row.disbursement_id), reference(row.attempt_id)) for row in await context.session.scalars(query)]
