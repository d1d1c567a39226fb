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
}
BOOKED = {"income": "income", "to-sender": "returned-to-sender", "sent-back": "sent-back"}
"""Kind of entry → the resolution of the line while it stands."""


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
        amount = lines[entry["line_id"]][0]["amount_minor"] if entry["line_id"] in lines else None
        source, target = MOVES.get(entry["kind"], ("", ""))
        if not of_deposit and (amount is None or amounts != {source: -amount, target: amount}):
            yield subject, f"ledger entry {entry['id']} ({entry['kind']}) moves {amounts}, the line is of {amount}"
        for row in postings:
            if row["region"] != entry["region"]:
                yield subject, f"ledger entry {entry['id']} touches the accounts of {row['region']}"
            held = totals[row["region"], row["currency"]]
            held[row["account"]] += row["amount_minor"]
        for (region, currency), held in totals.items():
            if min(held["income"], held["suspense"], held["deposits"]) < 0 or sum(held.values()) != 0:
                yield f"region {region}", f"with ledger entry {entry['id']} its accounts in {currency} hold {dict(held)}"
    yield from _decided(lines, booked)


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
        stands = BOOKED.get(wanted[-1][0]) if wanted else None
        if stands is not None and proposals[-1]["resolved"] != stands:
            yield f"bank line {line}", f"is booked as {wanted[-1][0]}, and resolved as {proposals[-1]['resolved']}"
