"""3, for what is no money: hours redeemed ≤ granted, places ≤ capacity, and nothing of it near the ledger of money. Computed from the
entries, beside the running totals that the service keeps."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row, grouped
from operations.verify.in_kind import calls_in_kind

HELD = ("reserved", "committed", "attended")
MOVES = {
    "supplied": ("supply", "available"),
    "reserved": ("available", "reserved"),
    "committed": ("reserved", "committed"),
    "released": ("reserved", "available"),
    "decommitted": ("committed", "available"),
    "attended": ("committed", "attended"),
    "corrected": ("attended", "committed"),
}
"""Kind of entry → the account that the units leave and the one that they enter."""
OF_MONEY = ("payments.envelopes", "payments.vouchers", "payments.entries", "payments.claims", "payments.disbursements")


def attendance(facts: Facts) -> Found:
    yield from _entries(facts)
    yield from _totals(facts)
    yield from _more(facts)
    yield from _bookings(facts)
    yield from _confirmed_first(facts)
    yield from _not_in_the_ledger_of_money(facts)


def _entries(facts: Facts) -> Found:
    """In order: no account of a call is ever below zero, and no voucher uses up more than it was granted."""
    granted = {row["voucher_id"]: row["granted"] for row in facts.rows("vouchers.holdings")}
    of_call: dict[str, Counter[str]] = defaultdict(Counter)
    of_voucher: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in facts.rows("vouchers.capacity_entries"):
        subject = f"voucher {entry['voucher_id']}" if entry["voucher_id"] else f"call {entry['call_id']}"
        if MOVES.get(entry["kind"]) != (entry["source"], entry["target"]) or entry["units"] <= 0:
            yield subject, f"an entry of {entry['units']} units is {entry['kind']}, but goes from {entry['source']} to {entry['target']}"
        for sums in (of_call[entry["call_id"]], of_voucher[entry["voucher_id"]]):
            sums[entry["source"]] -= entry["units"]
            sums[entry["target"]] += entry["units"]
        below = [name for name, units in of_call[entry["call_id"]].items() if units < 0 and name != "supply"]
        if below:
            yield subject, f"after an entry of {entry['units']} units, {', '.join(below)} of its call is below zero"
        if entry["voucher_id"] and sum(of_voucher[entry["voucher_id"]][name] for name in HELD) > granted.get(entry["voucher_id"], 0):
            yield subject, f"holds or has used more than the {granted.get(entry['voucher_id'], 0)} units that it was granted"


def _totals(facts: Facts) -> Found:
    """What the rows say is what the entries say."""
    for table, key, noun in (("vouchers.capacities", "call_id", "call"), ("vouchers.holdings", "voucher_id", "voucher")):
        by_key = grouped(facts.rows("vouchers.capacity_entries"), lambda row, key=key: row[key])
        sums = {one: _sums(entries) for one, entries in by_key.items()}
        for row in facts.rows(table):
            counted = sums.get(row[key], Counter())
            other = [f"{name} {row[name]} for {counted[name]}" for name in HELD if row[name] != counted[name]]
            if other:
                yield f"{noun} {row[key]}", f"its running totals differ from its entries: {', '.join(other)}"
    supplied = _supplied(facts)
    for row in facts.rows("vouchers.capacities"):
        if row["supplied"] != supplied[row["call_id"]]:
            yield f"call {row['call_id']}", f"gives {row['supplied']} {row['unit']}, its entries come to {supplied[row['call_id']]}"
        if row["reserved"] + row["committed"] + row["attended"] > row["supplied"]:
            yield f"call {row['call_id']}", f"more than its {row['supplied']} {row['unit']} are given"


def _more(facts: Facts) -> Found:
    """What a call gives is what it was published with, and what two persons have added."""
    supplied = _supplied(facts)
    for event in facts.named("CallPublished"):
        policy = facts.policies.get(event.body["policy_id"])
        if policy is not None and policy.benefit is not None:
            supplied[event.body["call_id"]] -= policy.benefit.units_in(event.body["envelope_minor"])
    for change in facts.rows("vouchers.capacity_changes"):
        supplied[change["call_id"]] -= change["units"]
        if change["proposed_by"] == change["decided_by"]:
            yield f"call {change['call_id']}", f"{change['decided_by']} proposed and confirmed {change['units']} units more"
    for call, units in supplied.items():
        if units:
            yield f"call {call}", f"its ledger was supplied with {units} units that nobody gave", True


def _supplied(facts: Facts) -> Counter[str]:
    """Call → the units that its ledger was ever supplied with."""
    found: Counter[str] = Counter()
    for entry in facts.rows("vouchers.capacity_entries"):
        found[entry["call_id"]] += entry["units"] if entry["kind"] == "supplied" else 0
    return found


def _sums(entries: list[Row]) -> Counter[str]:
    found: Counter[str] = Counter()
    for entry in entries:
        found[entry["source"]] -= entry["units"]
        found[entry["target"]] += entry["units"]
    return found


def _bookings(facts: Facts) -> Found:
    """Seats are taken by bookings, and what a voucher has used up is what its decided bookings use."""
    bookings = facts.rows("vouchers.bookings")
    seats = Counter(row["session_id"] for row in bookings if row["state"] != "cancelled")
    for row in facts.rows("vouchers.sessions"):
        if row["taken"] != seats[row["id"]] or row["taken"] > row["seats"]:
            taken = f"{row['taken']} of {row['seats']} seats taken"
            yield f"call {row['call_id']}", f"session {row['id']} has {taken}; {seats[row['id']]} are booked"
    held, used = Counter[str](), Counter[str]()
    for row in bookings:
        if row["state"] in ("cancelled", "confirmed"):
            used[row["voucher_id"]] += row["units_used"]
        else:
            held[row["voucher_id"]] += row["units_held"]
    for row in facts.rows("vouchers.holdings"):
        if (row["booked"], row["attended"]) != (held[row["voucher_id"]], used[row["voucher_id"]]):
            counted = f"{used[row['voucher_id']]} and {held[row['voucher_id']]}"
            yield f"voucher {row['voucher_id']}", f"has {row['attended']} used up, {row['booked']} booked; its bookings come to {counted}"


def _confirmed_first(facts: Facts) -> Found:
    """Nothing is reserved before another person than the publisher has confirmed the capacity, where the policy asks for it."""
    confirmed: Mapping[str, Logged] = {event.body["call_id"]: event for event in facts.named("CapacityConfirmed")}
    publishers = {event.body["call_id"]: event.actor for event in facts.named("CallPublished")}
    needs = {row["call_id"] for row in facts.rows("vouchers.capacities") if row["needs_confirmation"]}
    for call, event in confirmed.items():
        if event.actor == publishers.get(call):
            yield f"call {call}", f"{event.actor} published it and confirmed its capacity"
    for event in facts.named("UnitsReserved"):
        call = event.body["call_id"]
        by = confirmed.get(call)
        if call in needs and (by is None or event.position < by.position):
            yield f"voucher {event.body['voucher_id']}", f"{event} came before the capacity of call {call} was confirmed"


def _not_in_the_ledger_of_money(facts: Facts) -> Found:
    calls = calls_in_kind(facts)
    vouchers = {row["id"] for row in facts.rows("vouchers.vouchers") if row["call_id"] in calls}
    for table in OF_MONEY:
        for row in facts.rows(table):
            if row.get("call_id") in calls or row.get("voucher_id") in vouchers or row.get("id") in vouchers:
                yield f"call {row.get('call_id')}", f"gives no money, and {table} has a row of it"
    for row in facts.rows("vouchers.vouchers"):
        if row["call_id"] in calls and row["redeemed_minor"]:
            yield f"voucher {row['id']}", f"is no money, and {row['redeemed_minor']} of it count as paid"
