"""Imports a file from the bank: known by its hash, every line stored with its outcome, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.bank_lines import BankLine, LineOutcome, lines_of_report, lines_of_statement
from services.payments.domain.states import BankFileState
from services.payments.iso20022 import camt053, pain002
from services.payments.iso20022.camt053 import AccountStatement
from services.payments.iso20022.model import own_id, reference
from services.payments.steps.reconciliation import reconcile_line
from services.payments.tables import BankFileRow, BatchTransferRow, StatementRow
from shared.identity.signatures import INVALID, MISSING
from shared.kernel.errors import Refused
from shared.kernel.ids import derive_id
from shared.messaging.context import Context

UNUSABLE_NAME = "unusable-name"
_NOT_OF_THE_CONTENT = (MISSING, INVALID, UNUSABLE_NAME)
"""Reasons that are about how a file came: the same bytes may come again in order."""
_STATEMENTS = UUID("5a0b3f0e-9d5b-8c53-8f4e-3f1c8a7e2d61")
LINES_AT_ONCE = 500
"""Lines that are written together: all lines of a large file at once would take gigabytes of memory."""


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file of the incoming folder: its hash and its bytes, or in `refusal` the code of why it was not read to its end."""

    name: str
    sha256: str
    data: bytes = b""
    refusal: str | None = None


async def import_bank_file(context: Context, delivered: DeliveredFile, max_bytes: int) -> BankFileRow:
    """A file whose bytes are known changes nothing, whatever its name. One that cannot be read is stored as refused, with the reason;
    one that was refused for its signature or its name is imported when it comes again in order.

    The state of the returned row says into which folder the file belongs.
    """
    file, is_new = await _find_or_add(context, delivered)
    if not is_new and (delivered.refusal or file.reason not in _NOT_OF_THE_CONTENT):
        return file
    file.name = delivered.name
    if delivered.refusal:
        file.state, file.reason = BankFileState.REFUSED, delivered.refusal
        return file
    try:
        message, lines, accounts = await _read(context, delivered.data, max_bytes)
    except Refused as unreadable:
        file.state, file.reason = BankFileState.REFUSED, unreadable.code
        return file
    file.message, file.lines, file.state, file.reason = message, len(lines), BankFileState.TAKEN, None
    for number, line in enumerate(lines, 1):
        outcome = await reconcile_line(context.at_a_new_instant(), file.sha256, number, line)
        file.applied += outcome is LineOutcome.APPLIED
        file.unmatched += outcome is LineOutcome.UNMATCHED
        if number % LINES_AT_ONCE == 0:
            await context.session.flush()
    _store_statements(context, file, accounts)
    return file


def _store_statements(context: Context, file: BankFileRow, accounts: Sequence[AccountStatement]) -> None:
    """After the lines: a payment that a statement does not book is only then known not to be on it."""
    context.session.add_all(
        StatementRow(
            id=derive_id(_STATEMENTS, file.sha256, number), file_sha256=file.sha256, account=one.account, first_day=first, last_day=last
        )
        for number, one in enumerate(accounts, 1)
        if (first := one.first_day) and (last := one.last_day)
    )


async def _find_or_add(context: Context, delivered: DeliveredFile) -> tuple[BankFileRow, bool]:
    """The row of the file, and True when it is new."""
    new = {
        "sha256": delivered.sha256, "name": delivered.name, "message": "", "state": BankFileState.TAKEN, "taken_at": context.now,
        "lines": 0, "applied": 0, "unmatched": 0,
    }  # fmt: skip
    add = insert(BankFileRow).values(new).on_conflict_do_nothing().returning(col(BankFileRow.sha256))
    is_new = await context.session.scalar(add) is not None
    return await context.session.get_one(BankFileRow, delivered.sha256), is_new


async def _read(context: Context, data: bytes, max_bytes: int) -> tuple[str, list[BankLine], Sequence[AccountStatement]]:
    """The message type, the lines and the statements of either kind of message; of two refusals the second one counts."""
    try:
        report = pain002.read_status_report(data, max_bytes=max_bytes)
    except Refused as refused:
        if refused.code != "unknown-message":
            raise
        statement = camt053.read_statement(data, max_bytes=max_bytes)
        if any(account.adds_up is False for account in statement.accounts):
            raise Refused("balances-disagree", "Opening balance and booked transactions do not give the closing balance.") from None
        return statement.message, lines_of_statement(statement), statement.accounts
    return report.message, lines_of_report(report, await _ordered(context, own_id(report.original_message_id))), ()


async def _ordered(context: Context, batch_id: UUID | None) -> Sequence[tuple[str, str]]:
    """EndToEndId and InstrId of each transfer of the batch."""
    query = select(BatchTransferRow).where(col(BatchTransferRow.batch_id) == batch_id).order_by(col(BatchTransferRow.disbursement_id))
    return [(reference(row.disbursement_id), reference(row.attempt_id)) for row in await context.session.scalars(query)]
