"""A file from the bank: read, known by its hash, every line reconciled and stored with its outcome, all in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.bank_lines import BankLine, LineOutcome, check_balances, lines_of_report, lines_of_statement
from services.payments.domain.bank_words import words_to_keep
from services.payments.domain.passed_over import passed_over
from services.payments.domain.report_verdicts import batch_of_report, parts_of_report
from services.payments.domain.states import BankFileState
from services.payments.iso20022.bank_message import read_bank_message
from services.payments.iso20022.camt053 import AccountStatement, Statement
from services.payments.iso20022.model import Account, reference
from services.payments.iso20022.pain002 import StatusReport
from services.payments.queries.line_facts import line_id_of
from services.payments.steps.bank_words import keep_words
from services.payments.steps.reconciliation import reconcile_line
from services.payments.steps.unknown_references import look_up_references
from services.payments.tables import BankFileRow, BatchTransferRow, OrphanOrderRow, StatementRow
from shared.kernel.errors import Refused
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.messaging.unwritten import write_events
from shared.runtime.memory import give_back_memory

_STATEMENTS = UUID("5a0b3f0e-9d5b-8c53-8f4e-3f1c8a7e2d61")
LINES_AT_ONCE = 500
"""Lines that are written together: all lines of a large file at once would take gigabytes of memory."""


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file of the bank: its hash and its bytes, or in `refusal` the code of why it was not read to its end."""

    name: str
    sha256: str
    data: bytes = field(default=b"", repr=False)
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class ReadFile:
    """`message` is its type; `accounts` are empty of a status report."""

    message: str
    lines: Sequence[BankLine]
    accounts: Sequence[AccountStatement]


async def read_bank_file(context: Context, data: bytes, max_bytes: int) -> ReadFile:
    """The message type, the lines and the statements of any kind of message. Other work of this process goes on meanwhile."""
    ours = {policy.bank.debtor_iban: policy.currency for policy in context.policies.all()}
    read = await asyncio.to_thread(_read, data, max_bytes, ours)
    give_back_memory()
    if isinstance(read, Refused):
        try:
            raise read
        finally:
            del read  # this frame, which has the bytes, would be held by what it holds
    if isinstance(read, ReadFile):
        return read
    found = [lines_of_report(part, await _ordered(context, batch_of_report(part))) for part in parts_of_report(read)]
    return ReadFile(read.message, [line for lines in found for line in lines], ())


def _read(data: bytes, max_bytes: int, ours: Mapping[str, str]) -> StatusReport | ReadFile | Refused:
    """A refusal is returned without its frames: they hold the tree of the file, and the thread keeps what it raises until it runs again."""
    try:
        return _read_message(data, max_bytes, ours)
    except Refused as refusal:
        refusal.__cause__ = refusal.__context__ = None
        return refusal.with_traceback(None)


def _read_message(data: bytes, max_bytes: int, ours: Mapping[str, str]) -> StatusReport | ReadFile:
    message = read_bank_message(data, max_bytes=max_bytes)
    if isinstance(message, StatusReport):
        return message
    statement = _with_our_accounts(message, ours)
    lines = [passed_over(line, ours) for line in lines_of_statement(statement)]
    return ReadFile(statement.message, lines, statement.accounts)


async def find_or_add_file(context: Context, delivered: DeliveredFile) -> tuple[BankFileRow, bool]:
    """The row of the file, and True when it is new."""
    new = {
        "sha256": delivered.sha256, "name": delivered.name, "message": "", "state": BankFileState.TAKEN, "taken_at": context.now,
        "lines": 0, "applied": 0, "unmatched": 0, "dismissed": False,
    }  # fmt: skip
    add = insert(BankFileRow).values(new).on_conflict_do_nothing().returning(col(BankFileRow.sha256))
    is_new = await context.session.scalar(add) is not None
    return await context.session.get_one(BankFileRow, delivered.sha256), is_new


async def take_lines(context: Context, file: BankFileRow, read: ReadFile) -> None:
    """Reconciles each line and stores it with its outcome."""
    file.message, file.lines, file.state, file.reason, file.place = read.message, len(read.lines), BankFileState.TAKEN, None, None
    file.dismissed, file.retry_at = False, None
    said: dict[UUID, dict[str, list[str]]] = {}
    for number, line in enumerate(read.lines, 1):
        await asyncio.sleep(0)  # other work of this process goes on between two lines
        if number % LINES_AT_ONCE == 1:
            await look_up_references(context, read.lines[number - 1 : number - 1 + LINES_AT_ONCE])
        outcome = await reconcile_line(context.at_a_new_instant(), file.sha256, number, line)
        file.applied += outcome is LineOutcome.APPLIED
        file.unmatched += outcome is LineOutcome.UNMATCHED
        if words := words_to_keep(line, outcome):
            said[line_id_of(file.sha256, number)] = words
        if number % LINES_AT_ONCE == 0:
            await context.session.flush()
            await keep_words(context, said)
            said.clear()
    await context.session.flush()
    await keep_words(context, said)
    _store_statements(context, file, read.accounts)


@asynccontextmanager
async def undone(context: Context) -> AsyncIterator[None]:
    """What is done within is undone at its end, with its events: so what would happen is found by doing it. Rows that were changed within
    are to be read again."""
    await context.session.flush()
    await write_events(context.session)
    savepoint = await context.session.begin_nested()
    try:
        yield
    finally:
        await savepoint.rollback()


def _store_statements(context: Context, file: BankFileRow, accounts: Sequence[AccountStatement]) -> None:
    """After the lines: a payment that a statement does not book is only then known not to be on it."""
    context.session.add_all(
        StatementRow(
            id=derive_id(_STATEMENTS, file.sha256, number), file_sha256=file.sha256, account=one.account, first_day=first, last_day=last
        )
        for number, one in enumerate(accounts, 1)
        if (first := one.first_day) and (last := one.last_day)
    )


def _with_our_accounts(statement: Statement, ours: Mapping[str, str]) -> Statement:
    """An account that payments are made from has the number of its policy, however the bank writes it. `Refused` where one of these cannot
    be read in its currency, or does not add up; other accounts of the bank's customer may stand in the same file, also under the same
    number in another currency. `ours`: number → currency."""

    def known(account: str) -> str | None:
        return next((number for number in ours if Account(number).is_same(Account(account))), None)

    def named(one: AccountStatement) -> str:
        number = known(one.account)
        if number is None or one.currency in (None, ours[number]):
            return number or one.account
        return f"{number} {one.currency}"

    for part in statement.unread:
        number = known(part.account)
        if number is not None and part.currency in (None, ours[number]):
            raise part.refusal
    accounts = [replace(one, account=named(one)) for one in statement.accounts]
    check_balances([one for one in accounts if one.account in ours])
    return replace(statement, accounts=tuple(accounts))


async def _ordered(context: Context, batch_id: UUID | None) -> Sequence[tuple[str, str]]:
    """EndToEndId and InstrId of each transfer of the batch, also of one that is an orphan order."""
    ids = [
        select(col(row.disbursement_id), col(row.attempt_id)).where(col(row.batch_id) == batch_id)
        for row in (BatchTransferRow, OrphanOrderRow)
    ]
    found = (await context.session.execute(union(*ids))).all()  # an order that is matched is in both
    return [(reference(disbursement_id), reference(attempt_id)) for disbursement_id, attempt_id in sorted(found)]
