"""3, for own shares that are paid in: what came in was used for providers, is held, or has to go back."""

from collections import Counter

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped

DEPOSIT_MOVES = {
    "deposit-received": ("clearing", "deposits"),
    "deposit-used": ("deposits", "clearing"),
    "deposit-back": ("clearing", "deposits"),
    "deposit-left": ("deposits", "suspense"),
}
"""Kind of entry → the account that the amount leaves and the one that it enters."""


def deposits(facts: Facts) -> Found:
    sides = grouped(facts.rows("payments.region_postings"), lambda row: row["entry_id"])
    moved: dict[str, Counter[str]] = {}
    for entry in facts.rows("payments.region_entries"):
        if entry["kind"] in DEPOSIT_MOVES:
            amounts = {row["account"]: row["amount_minor"] for row in sides.get(entry["id"], [])}
            source, target = DEPOSIT_MOVES[entry["kind"]]
            amount = amounts.get(target, 0)
            if amount <= 0 or amounts != {source: -amount, target: amount}:
                yield f"bank line {entry['line_id']}", f"ledger entry {entry['id']} is {entry['kind']}, but moves {amounts}"
            moved.setdefault(entry["line_id"], Counter())[entry["kind"]] += amount
    vouchers, paid, waiting = facts.by("payments.vouchers", "id"), _own_parts(facts, waiting=False), _own_parts(facts, waiting=True)
    for row in facts.rows("payments.deposits"):
        yield from _one(row, moved.pop(row["credit_line_id"], Counter()), vouchers[row["voucher_id"]], paid, waiting)
    for line in moved:
        yield f"bank line {line}", "is booked as a deposit, and no voucher has it"


def _own_parts(facts: Facts, *, waiting: bool) -> Counter[str]:
    """Voucher → what of its deposit is in payments that the bank has booked and not returned; `waiting`: that may still be paid."""
    sums: Counter[str] = Counter()
    for row in facts.rows("payments.disbursements"):
        if (row["state"] not in ("paid", "cancelled")) if waiting else row["state"] == "paid":
            sums[row["voucher_id"]] += row["own_minor"]
    return sums


def _one(row: Row, moved: Counter[str], voucher: Row, paid: Counter[str], waiting: Counter[str]) -> Found:
    subject, is_in, key = f"voucher {row['voucher_id']}", row["state"] in ("paid", "closed"), row["voucher_id"]
    used = moved["deposit-used"] - moved["deposit-back"]
    if moved["deposit-received"] != (row["amount_minor"] if is_in else 0):
        yield subject, f"its deposit of {row['amount_minor']} is {row['state']}, and {moved['deposit-received']} came in"
    if not used == row["used_minor"] == paid[key]:
        yield subject, f"{row['used_minor']} of its deposit is used in its row, {used} in the ledger and {paid[key]} in payments"
    if moved["deposit-left"] != row["left_minor"]:
        yield subject, f"{row['left_minor']} of its deposit is left in its row and {moved['deposit-left']} in the ledger"
    if voucher["state"] == "settled" and is_in and used + row["left_minor"] + waiting[key] != row["amount_minor"]:
        yield subject, f"is settled, and of its deposit of {row['amount_minor']} only {used} was used and {row['left_minor']} is left"
