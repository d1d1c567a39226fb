"""3, for the ledger of a region: lines of the bank that belong to no call. Recounted from the lines and the two persons' decisions."""

from collections import Counter, defaultdict

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped
from operations.verify.invariant_3_deposits import DEPOSIT_MOVES

MOVES = {
    "income": ("clearing", "income"),
    "to-sender": ("clearing", "suspense"),
    "sent-back": ("suspense", "clearing"),
    "income-undone": ("income", "clearing"),
    "to-sender-undone": ("suspense", "clearing"),
    "sent-back-undone": ("clearing", "suspense"),
    "charge": ("charges", "clearing"),
    "to-come-back": ("receivable", "clearing"),
    "came-back": ("clearing", "receivable"),
    "charge-undone": ("clearing", "charges"),
    "to-come-back-undone": ("clearing", "receivable"),
    "came-back-undone": ("receivable", "clearing"),
}
BOOKED = {
    "income": "income", "to-sender": "returned-to-sender", "sent-back": "sent-back", "charge": "charge", "to-come-back": "to-come-back",
    "came-back": "came-back",
}  # fmt: skip
"""Kind of entry → the resolution of the line while it stands, unless the line is split or was a return in part."""
IN_PARTS = ("split", "returned-in-part")


def regions(facts: Facts) -> Found:
    lines, sides = _lines(facts), grouped(facts.rows("payments.region_postings"), lambda row: row["entry_id"])
    booked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    totals: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for entry in facts.rows("payments.region_entries"):
        subject, postings = f"bank line {entry['line_id']}", sides.get(entry["id"], [])
        of_deposit = entry["kind"] in DEPOSIT_MOVES
        if not of_deposit:
            booked[entry["line_id"]].append((entry["kind"], entry["region"]))
        amounts = {row["account"]: row["amount_minor"] for row in postings}
        amount = _amount(lines.get(entry["line_id"], []), len(booked[entry["line_id"]])) if not of_deposit else None
        source, target = MOVES.get(entry["kind"], ("", ""))
        if not of_deposit and (amount is None or amounts != {source: -amount, target: amount}):
            yield subject, f"ledger entry {entry['id']} ({entry['kind']}) moves {amounts}, the line is of {amount}"
        for row in postings:
            if row["region"] != entry["region"]:
                yield subject, f"ledger entry {entry['id']} touches the accounts of {row['region']}"
            held = totals[row["region"], row["currency"]]
            held[row["account"]] += row["amount_minor"]
        for (region, currency), held in totals.items():
            below = min(held["income"], held["suspense"], held["deposits"]) < 0
            if below or max(held["charges"], held["receivable"]) > 0 or sum(held.values()) != 0:
                yield f"region {region}", f"with ledger entry {entry['id']} its accounts in {currency} hold {dict(held)}"
    yield from _decided(lines, booked)


def _amount(decided: list[Row], number: int) -> int | None:
    """Of the entry with this number among those of its line, counted from 1."""
    return decided[number - 1]["books_minor"] if 0 < number <= len(decided) else None


def _lines(facts: Facts) -> dict[str, list[Row]]:
    """Line → the confirmed proposals that book something, in order."""
    return grouped(facts.rows("payments.booked_lines"), lambda row: row["id"])


def _decided(lines: dict[str, list[Row]], booked: dict[str, list[tuple[str, str]]]) -> Found:
    """One entry for each decision of two persons, in the same order; while the last one is no undoing, the line is resolved so."""
    for line in sorted(lines.keys() | booked.keys()):
        proposals = lines.get(line, [])
        wanted = [(row["books"], row["books_region"]) for row in proposals]
        if wanted != booked.get(line, []):
            yield f"bank line {line}", f"two persons decided to book {wanted}, the ledger of the region has {booked.get(line, [])}"
        if any(row["proposed_by"] == row["decided_by"] for row in proposals):
            yield f"bank line {line}", "its booking was confirmed by the person who proposed it"
        last = proposals[-1]["resolution"] if proposals else ""
        stands = last if last in IN_PARTS else BOOKED.get(wanted[-1][0]) if wanted else None
        if stands is not None and proposals[-1]["resolved"] != stands:
            yield f"bank line {line}", f"is booked as {wanted[-1][0]}, and resolved as {proposals[-1]['resolved']}"
