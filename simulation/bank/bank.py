"""The bank's work: read orders, book and return transfers, write statements, deliver files that are due. Each step can be repeated."""

import hashlib
import logging
import os
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet

from shared.calendars.banks import next_bank_day
from shared.identity.signatures import SigningKey, doubt_about, read_signature, sign, signature_path
from shared.kernel.files import NOT_READABLE, read_file
from shared.kernel.money import Money
from shared.kernel.printable import printable
from simulation.bank.answers import DUPLICATE, Answer, BankFile, group_rejection, status_report
from simulation.bank.behaviour import (
    ANSWER_AFTER,
    Shares,
    TransferPlan,
    bank_day,
    decide,
    is_doubled,
    of_a_batch,
    plan_transfer,
)
from simulation.bank.book import open_book, transaction
from simulation.bank.entries import Posting
from simulation.bank.kinds import KINDS, PLAIN, BankKind, Kinds
from simulation.bank.orders import Order, OrderedTransfer, Unreadable, read_order
from simulation.bank.paid_in import read_paid_in
from simulation.bank.statements import closing, notification, statement

log = logging.getLogger("bank")

OPENING_MINOR = 1_000_000_000_00
"""The balance of every account before its first statement."""


class Bank:
    """Reads orders from `outgoing`, which keeps them, and writes answers to `incoming`. All lasting state is in the book."""

    def __init__(
        self,
        outgoing: Path,
        incoming: Path,
        book: Path,
        seed: str,
        shares: Shares,
        *,
        key: SigningKey | None = None,
        customer_keys: KeySet | None = None,
        kinds: Kinds | None = None,
        paid_in: Path | None = None,
    ) -> None:
        """`key` signs the bank's files; an order without a valid signature by one of `customer_keys` is ignored. `kinds`: as what kind of
        bank it keeps each account. `paid_in`: folder of what people pay in."""
        self.key, self.customer_keys = key, customer_keys
        self.kinds, self.paid_in = kinds or Kinds(), paid_in
        self.outgoing, self.incoming, self.seed, self.shares = outgoing, incoming, seed, shares
        for folder in (outgoing, incoming):
            folder.mkdir(parents=True, exist_ok=True)
        self.book = open_book(book)
        self._read_files: set[tuple[str, int, int]] = set()
        self._known_notes: set[str] = set()

    def work(self, now: datetime) -> None:
        """Does all that is due at programme instant `now`."""
        self._read_orders(now)
        self._take_paid_in(bank_day(now))
        self._book_due_transfers(now)
        self._notify(now)
        self._write_statements(bank_day(now))
        self._deliver(now)

    def close(self) -> None:
        self.book.close()

    def _read_orders(self, now: datetime) -> None:
        for path in sorted(self.outgoing.glob("*.xml")):
            facts, name = path.lstat(), printable(path.name)
            version = (path.name, facts.st_size, facts.st_mtime_ns)
            if version in self._read_files:
                continue
            try:
                data = read_file(path)
            except NOT_READABLE as error:
                log.warning("file %s ignored: %s", name, error)
                continue
            if doubt := self._doubt(path, data):
                log.warning("file %s ignored: %s", name, doubt)
                continue
            self._read_file(name, data, now)
            self._read_files.add(version)

    def _doubt(self, path: Path, data: bytes) -> str | None:
        if self.customer_keys is None:
            return None
        return doubt_about(read_signature(path), hashlib.sha256(data).hexdigest(), self.customer_keys)

    def _read_file(self, name: str, data: bytes, now: datetime) -> None:
        """Takes the whole file or nothing: the book's rows and the scheduled answers are one transaction."""
        sha256 = hashlib.sha256(data).hexdigest()
        with transaction(self.book):
            if self.book.execute("SELECT 1 FROM files_seen WHERE name = ? AND sha256 = ?", (name, sha256)).fetchone():
                return
            taken = self.book.execute("SELECT msg_id FROM files_seen WHERE sha256 = ? AND verdict = 'taken'", (sha256,)).fetchone()
            msg_id, verdict = (taken["msg_id"], "duplicate") if taken else self._read_order(name, data, sha256, now)
            if taken:
                self._schedule(group_rejection(msg_id, DUPLICATE, now + ANSWER_AFTER, cause=name))
            self.book.execute("INSERT INTO files_seen VALUES (?, ?, ?, ?)", (name, sha256, msg_id, verdict))
        log.info("file %s: %s", sha256[:16], verdict)

    def _read_order(self, name: str, data: bytes, sha256: str, now: datetime) -> tuple[str | None, str]:
        try:
            order = read_order(data)
        except Unreadable as refusal:
            self._schedule(group_rejection(refusal.msg_id, refusal.code, now + ANSWER_AFTER, cause=f"{name} {sha256}"))
            return refusal.msg_id, "unreadable"
        self._plan_order(order, sha256, now)
        return order.msg_id, "taken"

    def _plan_order(self, order: Order, sha256: str, now: datetime) -> None:
        answers: dict[datetime, list[Answer]] = defaultdict(list)
        kind = self.kinds.of(order.transfers[0].account) if order.transfers else PLAIN
        for transfer in order.transfers:
            references = (transfer.pmt_inf_id, transfer.end_to_end_id, transfer.instr_id)
            planned = self._plan_transfer(transfer, sha256, now, kind)
            if planned is None:
                answers[now + ANSWER_AFTER].append(Answer(*references, "RJCT", DUPLICATE))
            elif planned.answer_at and planned.status:
                answers[planned.answer_at].append(Answer(*references, planned.status, planned.reason if planned.status == "RJCT" else None))
        for due_at, group in answers.items():
            self._schedule(status_report(order.msg_id, group, due_at, kind))
        if kind.stray_rejection:
            self._schedule(group_rejection(None, "FF01", now + ANSWER_AFTER, cause=order.msg_id, kind=kind))

    def _plan_transfer(self, transfer: OrderedTransfer, sha256: str, now: datetime, kind: BankKind) -> TransferPlan | None:
        """Returns None for an attempt that is in the book already. Another attempt at the same payment is accepted, as by a real bank."""
        payment = transfer.end_to_end_id[:32]  # the number of the attempt follows
        query = "SELECT instr_id FROM transfers WHERE end_to_end_id BETWEEN ? AND ? || '~'"
        known = self.book.execute(query, (payment, payment)).fetchall()
        if any(row["instr_id"] == transfer.instr_id for row in known):
            return None
        behaviour = decide(self.seed, payment, transfer.instr_id, self.shares, repeated=bool(known))
        if kind.answers_a_batch_at_once:
            behaviour = of_a_batch(behaviour)
        planned = plan_transfer(behaviour, now, transfer.execution_on, transfer.amount.currency)
        self._insert("transfers", {
            "end_to_end_id": transfer.end_to_end_id, "instr_id": transfer.instr_id, "msg_id": transfer.msg_id,
            "pmt_inf_id": transfer.pmt_inf_id, "amount_minor": transfer.amount.minor, "currency": transfer.amount.currency,
            "account": transfer.account, "batch_booking": int(transfer.batch_booking), "file_sha256": sha256,
            "kind": planned.kind, "reason": planned.reason, "status": planned.status, "answer_at": _text(planned.answer_at),
            "book_on": _text(planned.book_on), "return_on": _text(planned.return_on),
            "requested_on": _text(planned.requested_on), "expected_on": _text(planned.expected_on), "bank_kind": kind.name,
        })  # fmt: skip
        return planned

    def _book_due_transfers(self, now: datetime) -> None:
        today = bank_day(now).isoformat()
        with transaction(self.book):
            self.book.execute(
                "UPDATE transfers SET state = CASE status WHEN 'RJCT' THEN 'rejected' ELSE 'accepted' END"
                " WHERE state = 'waiting' AND answer_at <= ?", (_text(now),),
            )  # fmt: skip
            self.book.execute(
                "UPDATE transfers SET state = 'booked', booked_on = book_on WHERE state IN ('waiting', 'accepted') AND book_on <= ?",
                (today,),
            )
            self.book.execute(
                "UPDATE transfers SET state = 'returned', returned_on = return_on WHERE state = 'booked' AND return_on <= ?", (today,)
            )
            for row in self.book.execute("SELECT * FROM transfers WHERE state = 'booked' AND notified = 0").fetchall():
                if row["return_on"] is None and is_doubled(self.seed, row["instr_id"], _kind(row).doubled_percent):
                    self._double(row)

    def _double(self, row: sqlite3.Row) -> None:
        """The debit stands a second time on the statement, and the next one takes it back."""
        day = date.fromisoformat(row["booked_on"])
        next_day = next_bank_day(day + timedelta(days=1), row["currency"])
        for kind, book_on in (("double", day), ("reversal", next_day)):
            self._move(f"{kind}-{row['instr_id']}", kind, row, book_on.isoformat(), instr_id=row["instr_id"])

    def _take_paid_in(self, today: date) -> None:
        paid = dict(read_paid_in(self.paid_in, self._known_notes)) if self.paid_in else {}
        if not paid:
            return
        with transaction(self.book):
            for one in paid.values():
                row = {"account": one.account, "currency": one.currency, "amount_minor": one.amount_minor}
                self._move(f"paid-in-{one.id}", "paid in", row, next_bank_day(today, one.currency).isoformat(), text=one.text)
        self._known_notes.update(paid)

    def _move(self, identity: str, kind: str, of: Mapping[str, Any] | sqlite3.Row, book_on: str, **more: str) -> None:
        """Once for each `identity`."""
        row = {"id": identity, "kind": kind, "book_on": book_on, **{name: of[name] for name in ("account", "currency", "amount_minor")}}
        known = self.book.execute("SELECT 1 FROM movements WHERE id = ?", (identity,)).fetchone()
        if known is None:
            self._insert("movements", row | more)

    def _notify(self, now: datetime) -> None:
        """Says what was booked since the last time, at a bank that does so before the statement of the day."""
        with transaction(self.book):
            booked = "booked_on IS NOT NULL AND notified = 0"
            rows = self.book.execute(f"SELECT * FROM transfers WHERE {booked} ORDER BY instr_id").fetchall()
            groups: dict[tuple[str, str, str], list[sqlite3.Row]] = defaultdict(list)
            for row in rows:
                groups[row["account"], row["booked_on"], _kind(row).name].append(row)
            for (account, day, name), of_group in groups.items():
                postings = [_posting(row, returned=False) for row in of_group]
                for message in KINDS[name].notifies:
                    self._schedule(notification(message, account, date.fromisoformat(day), now, postings, KINDS[name]))
            self.book.execute(f"UPDATE transfers SET notified = 1 WHERE {booked}")

    def _write_statements(self, today: date) -> None:
        """Writes one statement for each account and past day with postings that are on no statement yet, and for each day on which a
        rejected transfer would have been booked: it shows that it was not."""
        with transaction(self.book):
            for account, currency, day in self.book.execute(_DAYS_WITHOUT_STATEMENT, {"today": today.isoformat()}).fetchall():
                self._write_statement(account, currency, day)

    def _write_statement(self, account: str, currency: str, day: str) -> None:
        last = self.book.execute(
            "SELECT number, closing_minor FROM statements WHERE account = ? AND currency = ? ORDER BY number DESC LIMIT 1",
            (account, currency),
        ).fetchone()
        number, opening = (last["number"] + 1, last["closing_minor"]) if last else (1, OPENING_MINOR)
        key = {"account": account, "currency": currency, "day": day}
        returned = self.book.execute(_POSTINGS.format("returned"), key).fetchall()
        postings = [_posting(row, returned=False) for row in self.book.execute(_POSTINGS.format("booked"), key)]
        postings += [_posting(row, returned=True) for row in returned]
        postings += [_movement(row) for row in self.book.execute(_MOVEMENTS, key)]
        file = statement(account, number, date.fromisoformat(day), Money(opening, currency), postings, self.kinds.of(account))
        self._schedule(file)
        self._insert("statements", {
            **key, "number": number, "file": file.name, "closing_minor": closing(Money(opening, currency), postings).minor,
        })  # fmt: skip
        for event in ("booked", "returned"):
            self.book.execute(_MARK_STATED.format(event), {**key, "file": file.name})
        self.book.execute(_MARK_MOVEMENTS, {**key, "file": file.name})
        for row in returned:
            minor = _posting(row, returned=True).amount.minor
            self.book.execute("UPDATE transfers SET returned_minor = ? WHERE instr_id = ?", (minor, row["instr_id"]))

    def _schedule(self, file: BankFile) -> None:
        self.book.execute(
            "INSERT OR IGNORE INTO files_owed (name, body, due_at) VALUES (?, ?, ?)", (file.name, file.body, _text(file.due_at))
        )

    def _deliver(self, now: datetime) -> None:
        """Writes each file before it is marked as sent: a crash between the two writes the same file again."""
        due = self.book.execute("SELECT name, body FROM files_owed WHERE NOT sent AND due_at <= ? ORDER BY due_at, name", (_text(now),))
        for name, body in due.fetchall():
            deliver(self.incoming / name, body, self.key)
            self.book.execute("UPDATE files_owed SET sent = 1 WHERE name = ?", (name,))

    def _insert(self, table: str, row: dict[str, str | int | None]) -> None:
        self.book.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{column}' for column in row)})", row)


_OF_REJECTED = """
UNION SELECT account, currency, {0} FROM transfers t WHERE state = 'rejected' AND {0} < :today AND NOT EXISTS (
    SELECT 1 FROM statements s WHERE s.account = t.account AND s.currency = t.currency AND s.day = {0})
"""
_DAYS_WITHOUT_STATEMENT = f"""
SELECT account, currency, booked_on AS day FROM transfers WHERE booked_on < :today AND booked_statement IS NULL
UNION SELECT account, currency, returned_on FROM transfers WHERE returned_on < :today AND returned_statement IS NULL
UNION SELECT account, currency, book_on FROM movements WHERE book_on < :today AND statement IS NULL
{_OF_REJECTED.format("requested_on")} {_OF_REJECTED.format("expected_on")}
ORDER BY day, account, currency
"""
_OPEN = "account = :account AND currency = :currency AND {0}_on = :day AND {0}_statement IS NULL"
_POSTINGS = f"SELECT * FROM transfers WHERE {_OPEN}"
_MARK_STATED = f"UPDATE transfers SET {{0}}_statement = :file WHERE {_OPEN}"


_OPEN_MOVEMENTS = "m.account = :account AND m.currency = :currency AND m.book_on = :day AND m.statement IS NULL"
_MOVEMENTS = f"""
SELECT m.kind AS moved, m.amount_minor AS moved_minor, m.currency AS moved_currency, m.text, t.* FROM movements m
LEFT JOIN transfers t ON t.instr_id = m.instr_id WHERE {_OPEN_MOVEMENTS} ORDER BY m.id
"""
_MARK_MOVEMENTS = f"UPDATE movements AS m SET statement = :file WHERE {_OPEN_MOVEMENTS}"


def _kind(row: sqlite3.Row) -> BankKind:
    """As what kind of bank it took the order."""
    return KINDS.get(row["bank_kind"] or "", PLAIN)


def _posting(row: sqlite3.Row, *, returned: bool) -> Posting:
    kind, minor = _kind(row), row["amount_minor"]
    if returned and minor > kind.return_charge_minor:
        minor -= kind.return_charge_minor
    return Posting(
        row["msg_id"], row["pmt_inf_id"], row["end_to_end_id"], row["instr_id"], Money(minor, row["currency"]),
        bool(row["batch_booking"]), returned, row["reason"] if returned else None, kind,
    )  # fmt: skip


def _movement(row: sqlite3.Row) -> Posting:
    if row["moved"] == "paid in":
        return Posting("", "", "", "", Money(row["moved_minor"], row["moved_currency"]), False, text=row["text"])
    return replace(_posting(row, returned=False), again=row["moved"] == "double", reversal=row["moved"] == "reversal")


def _text(moment: datetime | date | None) -> str | None:
    """Returns instants in UTC to the microsecond, so that they compare as text."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    return moment.isoformat() if moment else None


def deliver(path: Path, body: bytes, key: SigningKey | None) -> None:
    """The signature, where the bank has a key, and then the file."""
    if key is not None:
        _write(signature_path(path), sign(hashlib.sha256(body).hexdigest(), key).encode())
    _write(path, body)


def _write(path: Path, body: bytes) -> None:
    """Writes a temporary file and renames it, so that no reader of the folder sees a part of a file."""
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
