"""Stored lines of the bank that wait for an orphan order: which they are, and each as it was read."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import (
    BATCH_DIFFERS,
    CREDIT_OF_OTHERS,
    DUPLICATE_OF_AN_ORDER,
    NOT_BOOKED,
    ORDERED_BEFORE_RESTORE,
    PENDING_WHILE,
    REPORT_CONTRADICTS_ITSELF,
    RETURN_WITHOUT_MARK,
    BankLine,
    KnownAttempt,
    LineOutcome,
    books_a_batch,
    kind_of,
    match_line,
)
from services.payments.domain.line_references import all_names_of, is_repeated_name, names_of, naming_texts
from services.payments.domain.report_verdicts import fits_count
from services.payments.iso20022.model import payment_information_id, reference
from services.payments.locks import lock_voucher
from services.payments.queries.known_attempts import known_attempts
from services.payments.queries.line_facts import accounts_of_file, line_id_of, line_of
from services.payments.queries.orphan_orders import orphan_attempts
from services.payments.steps.bank_line_events import APPLIED_LATER, publish_resolved
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, OrphanOrderRow
from shared.messaging.context import Context

_DECIDED = "foreign-account"
"""Its account is stored with its file only, and may be one of several there."""
_OPEN = (col(BankLineRow.outcome) == LineOutcome.UNMATCHED, col(BankLineRow.resolved_at).is_(None), col(BankLineRow.reason) != _DECIDED)
_WITHOUT_EVENT = (ORDERED_BEFORE_RESTORE, CREDIT_OF_OTHERS, RETURN_WITHOUT_MARK, DUPLICATE_OF_AN_ORDER)


async def find_waiting_lines(context: Context, names: Collection[UUID]) -> list[BankLineRow]:
    """The open lines that name one of these payments or attempts, in the order in which they were read. A line that gives only the id of
    a payment may have been taken for one about an earlier attempt at it."""
    texts = [reference(name) for name in names]
    columns = (BankLineRow.end_to_end_id, BankLineRow.instr_id, BankLineRow.pmt_inf_id)
    named = or_(*(_id_in(column).in_(texts) for column in columns))
    read_again = or_(
        col(BankLineRow.payment_event) != "",
        col(BankLineRow.reason).in_(_WITHOUT_EVENT),
        col(BankLineRow.reason).startswith(PENDING_WHILE),
    )
    return [row for row in await _in_order(context, named, read_again) if names_of(*_naming(row)) & set(names)]


def _naming(row: BankLineRow) -> tuple[str | None, str | None]:
    return naming_texts(row.end_to_end_id, row.instr_id, row.pmt_inf_id)


def _id_in(column: str | None) -> ColumnElement[str]:
    """The id at the beginning of a reference; the number of the attempt may follow."""
    return func.left(func.lower(func.ltrim(column)), 32)


async def _in_order(context: Context, *criteria: ColumnElement[bool]) -> list[BankLineRow]:
    query = select(BankLineRow).join(BankFileRow).where(*_OPEN, *criteria)
    by_file = (col(BankFileRow.taken_at), col(BankFileRow.name), col(BankLineRow.line))
    return list(await context.session.scalars(query.order_by(*by_file)))


async def line_as_read(context: Context, row: BankLineRow, rows: Sequence[BankLineRow], attempts: Sequence[KnownAttempt]) -> BankLine:
    """`rows`: the lines that wait with it. Its account is the one that pays where its file has a statement of that, or of none."""
    line, file = line_of(row), await context.session.get_one(BankFileRow, row.file_sha256)
    accounts, paying = await accounts_of_file(context, row.file_sha256), {one.account for one in attempts}
    return replace(
        line,
        note=_note_of(row),
        account=None if not accounts or paying & set(accounts) else min(accounts),
        again=len(await _before_in_file(context, row, rows)),
        kind=kind_of(file.message),
    )


async def _before_in_file(context: Context, row: BankLineRow, rows: Sequence[BankLineRow]) -> set[UUID]:
    """The lines before it in its file that say the same of the same attempt on the same day. None before one without an event."""
    if not row.payment_event:
        return set()
    names = all_names_of(*_naming(row))
    waiting = {
        one.id
        for one in rows
        if (one.file_sha256, one.payment_event, one.on) == (row.file_sha256, row.payment_event, row.on)
        and one.line < row.line
        and is_repeated_name(names, all_names_of(*_naming(one)))
    }
    if row.attempt_id is None:
        return waiting
    here = (
        col(BankLineRow.file_sha256) == row.file_sha256,
        col(BankLineRow.attempt_id) == row.attempt_id,
        col(BankLineRow.payment_event) == row.payment_event,
        col(BankLineRow.on).is_not_distinct_from(row.on),
    )
    return waiting | set(await context.session.scalars(select(col(BankLineRow.id)).where(*here, col(BankLineRow.line) < row.line)))


def _note_of(row: BankLineRow) -> str:
    """Of a line without an event; what waits for its order has only an amount to say whether it is money or a status."""
    if row.payment_event:
        return ""
    if row.reason.startswith(PENDING_WHILE):
        return NOT_BOOKED
    return DUPLICATE_OF_AN_ORDER if row.amount_minor is None else CREDIT_OF_OTHERS


async def await_orders(context: Context, batch: BatchRow, names: Collection[UUID]) -> None:
    """The payment file is found now; lines about its orders were read before, and wait from now on. `names`: of payments and attempts."""
    rows = await find_waiting_lines(context, names)
    for row in rows:
        named = names_of(*_naming(row))
        orphans = await orphan_attempts(context, named)
        here = await known_attempts(context, col(AttemptRow.disbursement_id).in_({one.disbursement_id for one in orphans}))
        attempts = with_orphans(here, orphans)
        match = match_line(await line_as_read(context, row, rows, attempts), attempts)
        if match.reason == ORDERED_BEFORE_RESTORE and row.reason != ORDERED_BEFORE_RESTORE:
            row.reason, row.attempt_id, row.region = match.reason, None, batch.region
            if row.voucher_id is not None:
                voucher = await lock_voucher(context, row.voucher_id)
                publish_resolved(context, voucher, row, row.disbursement_id, APPLIED_LATER)
    of_batch = func.lower(BankLineRow.pmt_inf_id) == payment_information_id(batch.id)
    for row in await _in_order(context, of_batch, col(BankLineRow.batch_id).is_(None)):
        if books_a_batch(line_of(row)):
            row.reason, row.region, row.batch_id = BATCH_DIFFERS, batch.region, batch.id
        elif row.amount_minor is None and row.end_to_end_id is None and row.instr_id is None:
            await _await_order(context, row, batch)
    await context.session.flush()


async def _await_order(context: Context, row: BankLineRow, batch: BatchRow) -> None:
    """A status of the whole order, read before its file: each transfer that the report does not list gets a line of its own, as it would
    have had with the file there. The first line has said no more than these. It is for a person where it counts other transfers, or where
    a person has to look at it anyway."""
    lines = select(BankLineRow).where(col(BankLineRow.file_sha256) == row.file_sha256, col(BankLineRow.id) != row.id)
    listed = {name for one in await context.session.scalars(lines) for name in names_of(*_naming(one))}
    query = select(OrphanOrderRow).where(col(OrphanOrderRow.batch_id) == batch.id).order_by(col(OrphanOrderRow.attempt_id))
    orders = (await context.session.scalars(query)).all()
    rest = [one for one in orders if listed.isdisjoint({one.attempt_id, one.disbursement_id})]
    row.region = batch.region
    if not row.payment_event and row.reason != DUPLICATE_OF_AN_ORDER:
        row.batch_id = batch.id
        return
    if not fits_count(row.covers, len(rest), len(orders)):
        row.reason, row.batch_id = REPORT_CONTRADICTS_ITSELF, batch.id
        return
    file = await context.session.get_one(BankFileRow, row.file_sha256)
    context.session.add_all(
        BankLineRow(
            id=line_id_of(file.sha256, number), file_sha256=file.sha256, line=number, outcome=LineOutcome.UNMATCHED,
            reason=ORDERED_BEFORE_RESTORE, payment_event=row.payment_event, region=batch.region, bank_reason=row.bank_reason,
            end_to_end_id=reference(one.disbursement_id), instr_id=reference(one.attempt_id), pmt_inf_id=payment_information_id(batch.id),
            evidence=row.evidence,
        )
        for number, one in enumerate(rest, file.lines + 1)
    )  # fmt: skip
    file.lines += len(rest)
    row.outcome, row.reason = LineOutcome.REPEATED, row.payment_event or row.reason


def with_orphans(attempts: Sequence[KnownAttempt], orphans: Sequence[KnownAttempt]) -> list[KnownAttempt]:
    """An attempt that a file orders, and that is not approved here, is the order."""
    ordered = {one.attempt_id for one in orphans}
    return [*(one for one in attempts if one.attempt_id not in ordered), *orphans]
