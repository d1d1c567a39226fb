"""3, for state aid: the aid of a single undertaking by one Member State is at most the ceiling in any three years, with what is reserved
(Regulation (EU) 2023/2831, article 3(2)); and the ledger of aid says what the ledger of money says, or of hours and places what their
vouchers say."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row
from shared.policy.state_aid import GENERAL

HOLDS = {"reserved": "reserved", "committed": "granted", "issued": "granted", "settled": "granted", "released": "released"}
"""State of a voucher's money → state of its aid while something is left of it."""


def aid(facts: Facts) -> Found:
    yield from _follows_the_money(facts)
    yield from _follows_the_units(facts)
    yield from _within_the_ceiling(facts)


def _follows_the_money(facts: Facts) -> Found:
    """Each voucher for which money was reserved has an entry, from the first one on: before, there was no ledger of aid."""
    entries = facts.by("payments.aid_entries", "voucher_id")
    begun = min((row["reserved_at"] for row in entries.values()), default=None)
    for event in facts.named("FundsReserved"):
        if begun is not None and event.time >= begun and event.body["voucher_id"] not in entries:
            yield f"voucher {event.body['voucher_id']}", f"has no aid, although {event} reserved its money"
    for row in facts.rows("payments.vouchers"):
        entry, subject = entries.get(row["id"]), f"voucher {row['id']}"
        if entry is None:
            continue
        left = row["drawn_minor"] - row["released_minor"] - row["recovered_minor"]
        if entry["amount_minor"] != left:
            yield subject, f"has aid of {entry['amount_minor']}, its money comes to {left}"
        if entry["state"] != (HOLDS[row["state"]] if left else "released"):
            yield subject, f"has aid that is {entry['state']}, its money is {row['state']}"
        if (entry["organisation_id"], entry["region"], entry["currency"]) != (row["organisation_id"], row["region"], row["currency"]):
            yield subject, "has aid of another organisation, region or currency"


def _follows_the_units(facts: Facts) -> Found:
    """Aid that is no money is that of an award of hours or places: reserved or refused when payments said so, granted with the acceptance,
    less by what went back to the call."""
    entries = {row["voucher_id"]: row for row in facts.rows("payments.aid_entries") if row["money_of"] is None}
    asked = {event.body["voucher_id"]: event.body for event in facts.named("UnitsReserved")}
    answers = {event.body["voucher_id"]: event.name for event in facts.named("AidReserved", "AidReservationRefused")}
    accepted = {event.body["voucher_id"] for event in facts.named("VoucherAccepted")}
    returned = {event.body["voucher_id"]: event.body["amount_minor"] for event in facts.named("UnitsReleased")}
    for voucher in sorted(entries.keys() | answers.keys()):
        entry, subject = entries.get(voucher), f"voucher {voucher}"
        if entry is None or voucher not in answers or voucher not in asked:
            yield subject, "has aid in kind that was not asked for, not answered, or is not in the ledger"
            continue
        left = asked[voucher]["amount_minor"] - returned.get(voucher, 0) if answers[voucher] == "AidReserved" else 0
        state = ("granted" if voucher in accepted else "reserved") if left else "released"
        if (entry["amount_minor"], entry["state"]) != (left, state):
            yield subject, f"has aid of {entry['amount_minor']} that is {entry['state']}; its units come to {left}, {state}", True


def _within_the_ceiling(facts: Facts) -> Found:
    """Of organisations that one tax number joins; links of other kinds may be younger than the aid."""
    firm = _firms(facts.rows("payments.undertaking_edges"))
    by_undertaking: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for entry in facts.rows("payments.aid_entries"):
        if entry["state"] != "released":
            node = f"organisation:{entry['organisation_id']}"
            by_undertaking[firm.get(node, node), entry["member_state"]].append(entry)
    for (_, member_state), entries in by_undertaking.items():
        yield from _windows(facts, member_state, entries)


def _windows(facts: Facts, member_state: str, entries: Sequence[Row]) -> Found:
    entries = [one for one in entries if one["policy_id"] in facts.policies]  # an unknown policy is found elsewhere
    reserved = [one for one in entries if one["granted_on"] is None]
    granted = sorted((one for one in entries if one["granted_on"] is not None), key=lambda one: str(one["granted_on"]))
    for number, last in enumerate(granted):
        rules = facts.policies[last["policy_id"]].de_minimis
        first = _years_before(_day(last), rules.window_years)
        counted = [one for one in granted[: number + 1] if _day(one) > first and _regulation(one) in rules.counted]
        yield from _over(counted, rules.ceiling_minor, member_state, str(last["granted_on"]))
    for last in {_regulation(one): one for one in reserved}.values():
        rules = facts.policies[last["policy_id"]].de_minimis
        first = _years_before(max(one["reserved_at"] for one in reserved).date(), rules.window_years)
        counted = [one for one in [*granted, *reserved] if one["granted_on"] is None or _day(one) > first]
        yield from _over(
            (one for one in counted if _regulation(one) in rules.counted), rules.ceiling_minor, member_state, "with what is reserved"
        )


def _over(counted: Iterable[Row], ceiling: int, member_state: str, when: str) -> Found:
    rows = list(counted)
    total = sum(one["eur_minor"] for one in rows)
    if total > ceiling:
        yield f"voucher {rows[-1]['voucher_id']}", f"the aid of its undertaking by {member_state} is {total} of {ceiling} EUR cents, {when}"


def _regulation(entry: Row) -> str:
    return entry.get("regulation") or GENERAL


def _day(entry: Row) -> date:
    value = entry["granted_on"]
    return value if isinstance(value, date) else date.fromisoformat(value)


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _firms(edges: Iterable[Row]) -> dict[str, str]:
    """Node → the first of all nodes that one tax number joins with it. An organisation that has applied with two numbers joins nothing: the
    second one may be younger than the aid."""
    same = [edge for edge in edges if edge["kind"] == "same-number"]
    numbers = Counter(edge["one_node"] for edge in same)
    joined: dict[str, set[str]] = {}
    for edge in same:
        if numbers[edge["one_node"]] == 1:
            group = joined.get(edge["one_node"], {edge["one_node"]}) | joined.get(edge["other_node"], {edge["other_node"]})
            joined |= dict.fromkeys(group, group)
    return {node: min(group) for node, group in joined.items()}
