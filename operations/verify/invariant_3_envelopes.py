"""3. reserved + committed + paid − recovered ≤ envelope after every entry; the ledger sums to zero. Computed from the postings."""

from collections import Counter, defaultdict
from typing import Any

from operations.verify.breach import Breach, Found, breaches
from operations.verify.corrections import corrected_sign
from operations.verify.facts import Facts, Logged, Row, grouped
from operations.verify.invariant_3_aid import aid
from operations.verify.invariant_3_attendance import attendance
from operations.verify.invariant_3_bounds import BOUND_CHECKS
from operations.verify.invariant_3_deposits import deposits
from operations.verify.invariant_3_instalments import instalments
from operations.verify.invariant_3_regions import regions
from operations.verify.invariant_3_undertakings import undertakings
from operations.verify.invariant_3_values import values

HELD = ("reserved", "committed", "paid", "recovered")
MOVES = {
    "opened": ("funding", "available"),
    "reserved": ("available", "reserved"),
    "committed": ("reserved", "committed"),
    "added": ("available", "committed"),
    "reservation-released": ("reserved", "available"),
    "commitment-released": ("committed", "available"),
    "paid": ("committed", "paid"),
    "returned": ("paid", "committed"),
    "recovered": ("recovered", "available"),
    "topped-up": ("funding", "available"),
    "transferred-in": ("funding", "available"),
    "transferred-out": ("available", "funding"),
}
"""Kind of entry → the account that the amount leaves and the one that it enters."""


def envelopes(facts: Facts) -> list[Breach]:
    own = (_entries, _calls, _changes, _running_columns, _vouchers, _settlements, _recoveries, _credits)
    checks = (*own, values, instalments, deposits, regions, aid, undertakings, attendance, *BOUND_CHECKS)
    return breaches(3, checks, facts)


def _sides(facts: Facts) -> dict[str, list[Row]]:
    return grouped(facts.rows("payments.postings"), lambda row: row["entry_id"])


def _entries(facts: Facts) -> Found:
    """Each entry moves one amount from one account of its call to another, as its kind says."""
    sides = _sides(facts)
    for entry in facts.rows("payments.entries"):
        postings = sides.get(entry["id"], [])
        amounts = {row["account"]: row["amount_minor"] for row in postings}
        subject = f"voucher {entry['voucher_id']}" if entry["voucher_id"] else f"call {entry['call_id']}"
        if sum(row["amount_minor"] for row in postings) != 0 or not postings:
            yield subject, f"ledger entry {entry['id']} ({entry['kind']}) does not balance: {amounts}"
        elif len(postings) != 2 or entry["kind"] not in MOVES or not _moves(amounts, *MOVES[entry["kind"]]):
            yield subject, f"ledger entry {entry['id']} is {entry['kind']}, but moves {amounts}"
        if {row["call_id"] for row in postings} - {entry["call_id"]}:
            yield subject, f"ledger entry {entry['id']} touches another call's accounts"


def _moves(amounts: dict[str, int], source: str, target: str) -> bool:
    return amounts.get(source, 0) < 0 < amounts.get(target, 0)


def _calls(facts: Facts) -> Found:
    """After each entry, in order: no call is overspent and no account is negative. At the end all accounts sum to zero."""
    sides, published = _sides(facts), {event.body["call_id"]: event.body for event in facts.named("CallPublished")}
    for call, entries in grouped(facts.rows("payments.entries"), lambda row: row["call_id"]).items():
        envelope = published.get(call, {}).get("envelope_minor", 0)
        opened = envelope
        totals: Counter[str] = Counter()
        for entry in entries:
            for posting in sides.get(entry["id"], []):
                totals[posting["account"]] += posting["amount_minor"]
                if posting["account"] == "funding" and entry["kind"] != "opened":
                    envelope -= posting["amount_minor"]
            used = totals["reserved"] + totals["committed"] + totals["paid"] + totals["recovered"]  # recovered runs negative
            subject = f"voucher {entry['voucher_id']}" if entry["voucher_id"] else f"call {call}"
            if used > envelope:
                yield subject, f"with ledger entry {entry['id']} ({entry['kind']}) {used} of {envelope} are used in call {call}"
            negative = [name for name in ("available", "reserved", "committed", "paid") if totals[name] < 0]
            if negative:
                yield subject, f"with ledger entry {entry['id']} ({entry['kind']}) {', '.join(negative)} is below zero in call {call}"
        if sum(totals.values()) != 0:
            yield f"call {call}", f"its accounts sum to {sum(totals.values())}, not to zero"
        if -totals["funding"] != envelope:
            yield (
                f"call {call}",
                f"was published with {opened} and has {envelope} after its changes, but {-totals['funding']} in the ledger",
            )


def _changes(facts: Facts) -> Found:
    """Money comes into an envelope, or leaves it for another one, only as two persons have decided."""
    decided: Counter[str] = Counter()
    for row in facts.rows("payments.envelope_changes"):
        decided[row["call_id"]] += row["amount_minor"]
        if row["from_call_id"]:
            decided[row["from_call_id"]] -= row["amount_minor"]
        if row["proposed_by"] == row["decided_by"] or not row["decided_by"]:
            yield f"call {row['call_id']}", f"envelope change {row['id']} was confirmed by the person who proposed it"
    entries, booked = facts.by("payments.entries", "id"), Counter[str]()
    for posting in facts.rows("payments.postings"):
        entry = entries.get(posting["entry_id"])
        if entry is not None and posting["account"] == "funding" and entry["kind"] != "opened":
            booked[entry["call_id"]] -= posting["amount_minor"]
    for call in sorted(decided.keys() | booked.keys()):
        if decided[call] != booked[call]:
            yield f"call {call}", f"its envelope was changed by {booked[call]} in the ledger, and by {decided[call]} as two persons decided"


def _running_columns(facts: Facts) -> Found:
    """The stored totals of envelopes and vouchers are the sums of their postings."""
    entries = facts.by("payments.entries", "id")
    by_call: dict[str, Counter[str]] = defaultdict(Counter)
    by_voucher: dict[str, Counter[str]] = defaultdict(Counter)
    for posting in facts.rows("payments.postings"):
        entry = entries.get(posting["entry_id"])
        if entry is not None:
            by_call[entry["call_id"]][posting["account"]] += posting["amount_minor"]
            by_voucher[entry["voucher_id"]][posting["account"]] += posting["amount_minor"]
    for subject, rows, key, sums in (
        ("call", facts.rows("payments.envelopes"), "call_id", by_call),
        ("voucher", facts.rows("payments.vouchers"), "id", by_voucher),
    ):
        for row in rows:
            posted = _held(sums[row[key]])
            stored = {account: row[f"{account}_minor"] for account in HELD}
            if stored != posted:
                yield f"{subject} {row[key]}", f"{_differences(stored, posted)} in its row and in the ledger"


def _held(sums: Counter[str]) -> dict[str, int]:
    return {account: -sums[account] if account == "recovered" else sums[account] for account in HELD}


def _vouchers(facts: Facts) -> Found:
    """The events, applied in order, give the stored amounts, and no amount goes below zero or above the voucher's value."""
    names = (
        "FundsReserved",
        "FundsCommitted",
        "FundsAdded",
        "FundsReleased",
        "DisbursementPaid",
        "DisbursementReturned",
        "DisbursementCorrected",
        "RecoverySettled",
        "RecoveryReopened",
    )
    rows = facts.by("payments.vouchers", "id")
    for voucher, events in grouped(facts.named(*names), lambda event: event.body["voucher_id"]).items():
        held: Counter[str] = Counter()
        for event in events:
            held.update(_effect(event, held))
            if min(held.values()) < 0:
                yield f"voucher {voucher}", f"{event} takes more than is held: {dict(held)}"
        row = rows.get(voucher)
        if row is not None:
            by_events = {account: held[account] for account in HELD}
            stored = {account: row[f"{account}_minor"] for account in HELD}
            if stored != by_events:
                yield f"voucher {voucher}", f"{_differences(stored, by_events)} in its row and in its events"
            if sum(held[account] for account in ("reserved", "committed", "paid")) > row["value_minor"]:
                yield f"voucher {voucher}", f"holds {dict(held)}, more than its value of {row['value_minor']}"


def _effect(event: Logged, held: Counter[str]) -> dict[str, int]:
    amount: int = event.body["amount_minor"] - (event.body.get("own_minor") or 0)
    match event.name:
        case "FundsReserved":
            return {"reserved": amount}
        case "FundsCommitted":
            return {"reserved": -amount, "committed": amount}
        case "FundsAdded":
            return {"committed": amount}
        case "FundsReleased":
            return {"reserved" if held["reserved"] else "committed": -amount}
        case "DisbursementPaid":
            return {"committed": -amount, "paid": amount}
        case "DisbursementReturned":
            return {"committed": amount, "paid": -amount}
        case "DisbursementCorrected":
            back = amount * corrected_sign(event)
            return {"committed": -back, "paid": back}
        case _ if event.reason == "returned-by-bank":  # the return has already moved the money, or its undoing
            return {}
    return {"recovered": amount if event.name == "RecoverySettled" else -amount}


def _settlements(facts: Facts) -> Found:
    """VoucherSettled gives the sums of the payments, recoveries and releases up to that event."""
    names = (
        "FundsReleased", "DisbursementPaid", "DisbursementReturned", "DisbursementCorrected", "RecoverySettled", "RecoveryReopened",
        "VoucherSettled",
    )  # fmt: skip
    for voucher, events in grouped(facts.named(*names), lambda event: event.body["voucher_id"]).items():
        sums: Counter[str] = Counter()
        for event in events:
            if event.name == "VoucherSettled":
                stated = {name: event.body[f"{name}_minor"] for name in ("paid", "recovered", "released")}
                if stated != {name: sums[name] for name in stated}:
                    yield f"voucher {voucher}", f"was settled with {stated}, but its events sum to {dict(sums)}"
            elif event.name == "FundsReleased":
                sums["released"] += event.body["amount_minor"]
            else:
                sums.update({name: amount for name, amount in _effect(event, sums).items() if name in ("paid", "recovered")})


def _differences(one: dict[str, Any], other: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {one[name]} and {other[name]}" for name in one if one[name] != other[name])


def _recoveries(facts: Facts) -> Found:
    """Everything paid on a revoked voucher is recovered; nothing is returned twice, by a settled recovery and by the bank."""
    returned = {row["id"] for row in facts.rows("payments.attempts") if row["returned_on"]}
    recovered: Counter[str] = Counter()
    for row in facts.rows("payments.recoveries"):
        if row["attempt_id"] not in returned:
            recovered[row["voucher_id"]] += row["amount_minor"]
        elif row["state"] == "settled" and row["closing_reason"] != "returned-by-bank":
            yield f"recovery {row['id']}", "is settled, but the bank has returned the payment too"
    for row in facts.rows("payments.vouchers"):
        if row["closure_reason"] == "revoked" and recovered[row["id"]] < row["paid_minor"]:
            yield f"voucher {row['id']}", f"is revoked; recoveries cover {recovered[row['id']]} of {row['paid_minor']} paid"


def _credits(facts: Facts) -> Found:
    """Money counts as recovered only by a credit on a statement that quotes the recovery, or by the word of a second person who names
    the bank's reference of one; each such reference once."""
    ordered = {event.body["recovery_id"]: event.actor for event in facts.named("RecoveryOrdered")}
    settled = {event.body["recovery_id"]: event.actor for event in facts.named("RecoverySettled")}
    uploaded = {(one["recovery_id"], one["amount_minor"], one["currency"]) for one in facts.rows("payments.uploaded_credits")}
    named = Counter(row["bank_reference"] for row in facts.rows("payments.recoveries") if row["state"] == "settled")
    for row in facts.rows("payments.recoveries"):
        if row["state"] != "settled" or row["closing_reason"] == "returned-by-bank":
            continue
        money = (row["amount_minor"], row["currency"])
        credited = any(row["reference"] in one.text and (one.amount_minor, one.currency) == money for one in facts.bank.credits)
        credited = credited or (row["id"], *money) in uploaded
        by = settled.get(row["id"], "system")
        by_second_person = bool(row["bank_reference"]) and by not in ("system", ordered.get(row["id"]))
        if not credited and not by_second_person:
            yield f"recovery {row['id']}", "is settled; no statement has the money, and no second person has named its credit"
        if row["bank_reference"] and named[row["bank_reference"]] > 1:
            yield f"recovery {row['id']}", f"is settled with the credit {row['bank_reference']}, like another one"
