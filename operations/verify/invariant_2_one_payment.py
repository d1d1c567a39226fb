"""2. At most one payment per disbursement is in force; the payments in force on a voucher never exceed its value.

A payment is in force when it was booked and has not been returned. Payments are counted four times: by the tables of payments, by its
events, by the files on disk, and by the bank's own book.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from operations.verify.bank_statements import attempts_by_day, own_id, payment_named
from operations.verify.breach import Breach, Found, breaches
from operations.verify.corrections import corrected_sign
from operations.verify.facts import Facts, Logged, Row, grouped, repeated
from operations.verify.invariant_2_contradictions import CONTRADICTION_CHECKS
from operations.verify.invariant_2_movements import MOVEMENT_CHECKS

SENT = ("sent", "accepted", "rejected", "unknown", "paid", "returned")
OVER = ("rejected", "returned", "cancelled")


class Movement(NamedTuple):
    """Money that was paid for an attempt, or (negative) was returned."""

    disbursement_id: str
    attempt: str
    amount_minor: int


Recount = Mapping[str, Mapping[str, int]]
"""Disbursement → attempt → amount in force."""


def one_payment(facts: Facts) -> list[Breach]:
    own = (_in_force, _agreement, _live_attempts, _amounts, _files, _ordered, _book_states, _processed_files)
    return breaches(2, (*own, *CONTRADICTION_CHECKS, *MOVEMENT_CHECKS), facts)


def _counts(facts: Facts) -> dict[str, Recount]:
    counts = {"table": _by_tables(facts), "events": _by_events(facts), "statements": _by_files(facts)}
    return counts if facts.bank.book is None else counts | {"bank's book": _by_book(facts)}


def _by_tables(facts: Facts) -> Recount:
    amounts = {row["id"]: row["amount_minor"] for row in facts.rows("payments.disbursements")}
    paid = (row for row in facts.rows("payments.attempts") if row["state"] == "paid")
    return _recount(Movement(row["disbursement_id"], row["id"], amounts.get(row["disbursement_id"], 0)) for row in paid)


def _by_events(facts: Facts) -> Recount:
    ids = {(row["disbursement_id"], row["number"]): row["id"] for row in facts.rows("payments.attempts")}
    return _recount(
        Movement(
            event.body["disbursement_id"],
            ids.get((event.body["disbursement_id"], event.body["attempt"]), f"number {event.body['attempt']}"),
            event.body["amount_minor"] * _sign(event),
        )
        for event in facts.named("DisbursementPaid", "DisbursementReturned", "DisbursementCorrected")
    )


def _sign(event: Logged) -> int:
    """Whether the event adds to what is in force. What two persons take back is no longer paid, or no longer returned."""
    if event.name == "DisbursementCorrected":
        return corrected_sign(event)
    return 1 if event.name == "DisbursementPaid" else -1


def _by_files(facts: Facts) -> Recount:
    """Where the bank does not name the attempt, it follows from the order of what it has booked and returned. Without what two persons have
    said is no part of the payment: a second debit and its correction, the rest of a return in part."""
    attempts = sorted((row for row in facts.rows("payments.attempts") if row["batch_id"]), key=lambda row: row["number"])
    known: dict[str, list[str]] = defaultdict(list)
    for row in attempts:
        if row["id"] not in facts.bank.rejected:
            known[row["disbursement_id"]].append(row["id"])
    lines = attempts_by_day(facts.bank.statements, known)
    shown = [Movement(one.disbursement_id, one.attempt_id, -one.amount_minor if one.returned else one.amount_minor) for one in lines]
    set_aside = facts.rows("payments.set_aside")
    movements = [*shown, *(Movement(row["disbursement_id"], row["attempt_id"], row["amount_minor"]) for row in set_aside)]
    return _without_parts(facts, _recount(movements))


def _without_parts(facts: Facts, recount: Recount) -> Recount:
    """A payment of which a part came back is in force as a whole until two persons have said what the rest is."""
    states = {row["id"]: row["state"] for row in facts.rows("payments.attempts")}
    parts = {line.disbursement_id for line in facts.bank.statements if line.part}
    to_pay = {row["id"]: row["amount_minor"] for row in facts.rows("payments.disbursements")}

    def whole(disbursement: str, attempt: str, amount: int) -> int:
        ordered = to_pay.get(disbursement, amount)
        in_part = disbursement in parts and 0 < amount < ordered
        return (ordered if states.get(attempt) == "paid" else 0) if in_part else amount

    return {
        disbursement: {attempt: left for attempt, n in attempts.items() if (left := whole(disbursement, attempt, n))}
        for disbursement, attempts in recount.items()
    }


def _by_book(facts: Facts) -> Recount:
    """A transfer of which a part came back is returned in the book."""
    book = facts.bank.book or ()
    booked = [transfer for transfer in book if transfer.state == "booked" or transfer.is_part]
    movements = (Movement(payment_named(t.end_to_end_id)[0], own_id(t.instr_id), t.amount_minor - (t.returned_minor or 0)) for t in booked)
    return _without_parts(facts, _recount(movements))


def _recount(movements: Iterable[Movement]) -> Recount:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for disbursement, attempt, amount in movements:
        sums[disbursement][attempt] += amount
    return {disbursement: {attempt: n for attempt, n in attempts.items() if n} for disbursement, attempts in sums.items()}


def _in_force(facts: Facts) -> Found:
    """At most one payment of a disbursement, of the prepared amount; all payments on a voucher within its value and its deposit."""
    to_pay = {event.body["disbursement_id"]: event.body for event in facts.named("DisbursementPrepared")}
    asked = facts.named("FundsReservationRequested", "VoucherValueChanged")
    values = {event.body["voucher_id"]: event.body["amount_minor"] for event in asked}
    for event in facts.named("DepositReceived"):
        values[event.body["voucher_id"]] = values.get(event.body["voucher_id"], 0) + event.body["amount_minor"]
    for source, recount in _counts(facts).items():
        per_voucher: Counter[str] = Counter()
        for disbursement, attempts in recount.items():
            due = to_pay.get(disbursement)
            yield from ((f"disbursement {disbursement}", f"{wrong} according to the {source}") for wrong in _wrong(attempts, due))
            per_voucher[due["voucher_id"] if due else "unknown"] += sum(attempts.values())
        for voucher, paid in per_voucher.items():
            if paid > values.get(voucher, 0):
                yield f"voucher {voucher}", f"{paid} paid and not returned according to the {source}; its value is {values.get(voucher, 0)}"


def _wrong(attempts: Mapping[str, int], due: Mapping[str, Any] | None) -> Iterator[str]:
    if due is None:
        yield "was paid, but never prepared,"
    if len(attempts) > 1:
        yield f"{len(attempts)} payments (attempts {_list(attempts)}) are in force"
    for attempt, amount in attempts.items():
        if due is not None and amount != due["amount_minor"]:
            yield f"{amount} instead of {due['amount_minor']} are paid for attempt {attempt}"


def _agreement(facts: Facts) -> Found:
    """All sources agree on the payments in force. Payments may lag behind the bank's files, never the other way round."""
    counts, returned_twice, removed = _counts(facts), _returned_twice(facts), _removed(facts)
    by_word = {row["disbursement_id"] for row in facts.rows("payments.two_persons") if row["proposed_by"] != row["decided_by"]}
    ours, theirs = ("table", "events"), [source for source in counts if source not in ("table", "events")]
    for disbursement in sorted(set().union(*counts.values())):
        by = {source: set(recount.get(disbursement, {})) for source, recount in counts.items()}
        if by[ours[0]] != by[ours[1]]:
            yield f"disbursement {disbursement}", f"paid attempts: {_list(by[ours[0]])} in the table, {_list(by[ours[1]])} in the events"
        for source in theirs:
            if source == "statements" and disbursement in removed | by_word:
                continue  # deleted with the content of its case, or two persons have read it in another document of the bank
            if invented := by["table"] - by[source] - returned_twice:
                yield (
                    f"disbursement {disbursement}",
                    f"attempt {_list(invented)} is paid, but not according to the {source}",
                    _returned_meanwhile(facts, disbursement),
                )
            if by[source] - by["table"]:
                yield (
                    f"disbursement {disbursement}",
                    f"attempt {_list(by[source] - by['table'])} is paid only by the {source}",
                    True,
                )


def _removed(facts: Facts) -> set[str]:
    """The disbursements of cases whose content is removed, and with it the files exchanged with the bank."""
    vouchers = facts.by("payments.vouchers", "id")
    return {row["id"] for row in facts.rows("payments.disbursements") if vouchers[row["voucher_id"]]["removed_at"]}


def _returned_twice(facts: Facts) -> set[str]:
    """Attempts that the bank returned after a person had settled their recovery.

    Only a person can decide whether that was the same money: payments stores the bank's line and counts the money once, as recovered.
    """
    stored = {row["attempt_id"] for row in facts.rows("payments.stored_returns")}
    vouchers, disbursements = facts.by("payments.vouchers", "id"), facts.by("payments.disbursements", "id")
    found = stored & {row["attempt_id"] for row in facts.rows("payments.recoveries") if row["state"] == "settled"}
    for row in facts.rows("payments.attempts"):
        if row["id"] in stored and (disbursement := disbursements.get(row["disbursement_id"])):
            voucher = vouchers[disbursement["voucher_id"]]
            if voucher["paid_minor"] - disbursement["amount_minor"] + disbursement["own_minor"] < voucher["recovered_minor"]:
                found.add(row["id"])
    return found


def _returned_meanwhile(facts: Facts, disbursement_id: str) -> bool:
    """True when the bank has returned a payment of the disbursement, which payments may not have read yet."""
    lines = any(line.returned and line.disbursement_id == disbursement_id for line in facts.bank.statements)
    return lines or any(t.state == "returned" and payment_named(t.end_to_end_id)[0] == disbursement_id for t in facts.bank.book or ())


def _live_attempts(facts: Facts) -> Found:
    for disbursement, attempts in grouped(facts.rows("payments.attempts"), lambda row: row["disbursement_id"]).items():
        live = [row for row in attempts if row["state"] not in OVER]
        if len(live) > 1:
            yield (
                f"disbursement {disbursement}",
                f"{len(live)} attempts are live at once: {', '.join(row['state'] for row in live)}",
            )


def _amounts(facts: Facts) -> Found:
    """The amounts granted, prepared, stored, ordered in files and kept in the bank's book are the same."""
    granted = {event.body["claim_id"]: _payable(event.body) for event in facts.named("ClaimAccepted")}
    granted |= {event.body["claim_id"]: event.body["amount_minor"] for event in facts.named("BalanceReleased")}
    table = facts.by("payments.disbursements", "id")
    at_the_bank = grouped(_amounts_at_the_bank(facts), lambda one: one[0])
    for event in facts.named("DisbursementPrepared"):
        identity, currency = event.body["disbursement_id"], event.body["currency"]
        prepared, row = f"{event.body['amount_minor']} {currency}", table.get(identity)
        amounts = {("claim", f"{granted.get(event.body['claim_id'])} {currency}")}
        amounts |= {("table", f"{row['amount_minor']} {row['currency']}")} if row else set()
        amounts |= {(source, amount) for _, source, amount in at_the_bank.get(identity, [])}
        for source, amount in sorted(amounts):
            if amount != prepared:
                yield f"disbursement {identity}", f"{prepared} was prepared; according to the {source} it is {amount}"


def _payable(body: Row) -> int:
    """What was granted, less what is settled against the advance or kept for the balance, and what of the deposit is paid beside it."""
    granted: int = body["granted_minor"]
    return granted - (body.get("settled_minor") or 0) - (body.get("retained_minor") or 0) + (body.get("own_minor") or 0)


def _amounts_at_the_bank(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Disbursement, source, amount."""
    lines = [line for file in facts.bank.payment_files for line in file.transfers]
    in_part = {row["disbursement_id"] for row in facts.rows("payments.set_aside")}
    booked = (line for line in facts.bank.statements if not (line.part or (line.returned and line.disbursement_id in in_part)))
    for line in (*lines, *booked):
        yield line.disbursement_id, f"file {line.file}", f"{line.amount_minor} {line.currency}"
    for transfer in facts.bank.book or ():
        yield payment_named(transfer.end_to_end_id)[0], "bank's book", f"{transfer.amount_minor} {transfer.currency}"


def _files(facts: Facts) -> Found:
    """Each file on disk is a batch, byte for byte; each batch that was sent is on disk."""
    yield from ((f"file {text.split(':')[0]}", f"cannot be read: {text}") for text in facts.bank.unreadable)
    sealed = {event.body["batch_id"]: event.body["file_hash"] for event in facts.named("BatchSealed")}
    batches = facts.by("payments.batches", "id")
    by_batch = grouped(facts.bank.payment_files, lambda file: file.batch_id)
    for batch, files in by_batch.items():
        if batch not in batches:
            yield f"batch {batch}", f"file {files[0].name} was never sealed"
        for file in files if batch in batches else ():
            if not file.sha256 == batches[batch]["file_hash"] == sealed.get(batch):
                yield f"batch {batch}", f"the bytes of file {file.name} differ from the sealed ones"
        if len(files) > 1:
            yield f"batch {batch}", f"is in the folder {len(files)} times: {', '.join(file.name for file in files)}"
    for batch, row in batches.items():
        if row["file_hash"] != sealed.get(batch):
            yield f"batch {batch}", "the stored hash of its file and the event's differ"
        if row["state"] == "sent" and batch not in by_batch and not row["removed_at"]:
            yield f"batch {batch}", "was sent, but its file is not in the folder"


def _ordered(facts: Facts) -> Found:
    """Each transfer in a payment file is one attempt of ours, ordered once; each attempt that was sent is in its batch's file."""
    attempts = facts.by("payments.attempts", "id")
    lines = [(file.batch_id, line) for file in facts.bank.payment_files for line in file.transfers]
    for attempt in repeated(line.attempt_id for _, line in lines):
        yield f"attempt {attempt}", "is ordered more than once in the files on disk"
    for batch, line in lines:
        row = attempts.get(line.attempt_id)
        if row is None or (row["disbursement_id"], row["batch_id"]) != (line.disbursement_id, batch):
            yield (
                f"disbursement {line.disbursement_id}",
                f"file {line.file} orders attempt {line.attempt_id}, which is not in this batch",
            )
    on_disk = {line.attempt_id for _, line in lines}
    removed = {row["id"] for row in facts.rows("payments.batches") if row["removed_at"]}
    for row in attempts.values():
        if row["state"] in SENT and row["id"] not in on_disk and row["batch_id"] not in removed:
            yield f"disbursement {row['disbursement_id']}", f"attempt {row['id']} is {row['state']}, but no file on disk orders it"


POSSIBLE = {
    "booked": ("sealed", "sent", "accepted", "unknown", "paid"),
    "returned": ("sealed", "sent", "accepted", "unknown", "paid", "returned", "cancelled"),
    "rejected": ("sealed", "sent", "accepted", "unknown", "rejected", "cancelled"),
}
"""State of an attempt at the bank → the states that it may have in payments."""
FINAL = {"booked": ("paid",), "returned": ("returned", "cancelled"), "rejected": ("rejected", "cancelled")}
"""State of an attempt at the bank → its states in payments once the bank's answer was read."""


def _book_states(facts: Facts) -> Found:
    """The bank's book has no transfer that payments never made, has cancelled or regards as rejected."""
    attempts, returned_twice = facts.by("payments.attempts", "id"), _returned_twice(facts)
    for transfer in facts.bank.book or ():
        attempt, disbursement = own_id(transfer.instr_id), payment_named(transfer.end_to_end_id)[0]
        row = attempts.get(attempt)
        if row is None or row["disbursement_id"] != disbursement:
            yield f"disbursement {disbursement}", f"the bank was ordered to pay attempt {attempt}, which we never made"
        elif transfer.is_part and row["state"] == "paid":
            continue  # two persons have said that it stays paid
        elif transfer.state in POSSIBLE and row["state"] not in FINAL[transfer.state] and attempt not in returned_twice:
            in_flight = row["state"] in POSSIBLE[transfer.state]
            yield (
                f"disbursement {disbursement}",
                f"the bank has {transfer.state} attempt {attempt}, which is {row['state']} here",
                in_flight,
            )


def _list(attempts: Iterable[str]) -> str:
    return ", ".join(sorted(attempts)) or "none"


def _processed_files(facts: Facts) -> Found:
    """A processed bank file is stored under the hash of its bytes: under another hash it would be processed again by another name."""
    known = {row["sha256"] for row in facts.rows("payments.bank_files") if row["state"] == "taken"}
    for sha256 in facts.bank.taken.keys() - known:
        yield f"bank file {facts.bank.taken[sha256]}", "was processed, but its hash is not stored"
    for row in facts.rows("payments.uploads"):
        if row["sha256"] is None or row["proposed_by"] == row["decided_by"]:
            yield f"uploaded bank file {row['id']}", "is confirmed, but not imported, or not by two persons"
