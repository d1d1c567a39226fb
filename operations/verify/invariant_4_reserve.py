"""4, for reserve lists: each change of an envelope counts once, and the awards are those that fit, in order, no more and no fewer."""

from collections import Counter

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped

CHANGED = ("EnvelopeChanged", "CapacityChanged")


def reserves(facts: Facts) -> Found:
    yield from _changes(facts)
    decisions = grouped(facts.rows("evaluation.decisions"), lambda row: row["call_id"])
    changed: Counter[str] = Counter()
    for event in facts.named(*CHANGED):
        changed[event.body["call_id"]] += event.body["change_minor"]
    for call in facts.rows("evaluation.calls"):
        policy = facts.policies.get(call["policy_id"])
        skips = policy is not None and policy.selection.when_short == "skip"
        yield from _as_many_as_fit(facts, call, call["envelope_minor"] + changed[call["id"]], decisions.get(call["id"], []), skips=skips)


def _changes(facts: Facts) -> Found:
    """What payments, or vouchers, booked is what evaluation counts, change by change and in sum."""
    booked = {(event.body["call_id"], event.body["change_id"]): event.body["change_minor"] for event in facts.named(*CHANGED)}
    counted = {(row["call_id"], row["change_id"]): row["change_minor"] for row in facts.rows("evaluation.envelope_changes")}
    for call, change in sorted(booked.keys() | counted.keys()):
        ours, theirs = counted.get((call, change)), booked.get((call, change))
        if ours != theirs:
            yield f"call {call}", f"change {change} of its envelope is {theirs} where it was booked and {ours} in evaluation", ours is None
    sums: Counter[str] = Counter()
    for (call, _), amount in counted.items():
        sums[call] += amount
    for row in facts.rows("evaluation.calls"):
        if row["change_minor"] != sums[row["id"]]:
            yield f"call {row['id']}", f"its envelope was changed by {row['change_minor']}, its changes sum to {sums[row['id']]}"


def _as_many_as_fit(facts: Facts, call: Row, envelope: int, decisions: list[Row], *, skips: bool) -> Found:
    """The awards hold no more than the envelope has, and the first on an open reserve list does not fit into what is left; where smaller
    requests go first, nor does any other. In a call where the ledger refused an award, that one waits for more money, whatever this count
    says."""
    granted = [row for row in decisions if row["outcome"] in ("granted", "invited") and not row["not_funded"]]
    held = sum(row["amount_minor"] + row["added_minor"] - row["released_minor"] for row in granted)
    if held > envelope:
        yield f"call {call['id']}", f"its awards hold {held} of {envelope}", True
    ranks = {row["application_id"]: row["rank"] for row in facts.rows("evaluation.cases") if row["call_id"] == call["id"]}
    waiting = [row for row in decisions if row["outcome"] == "reserve" and row["superseded_at"] is None]
    head = min(waiting, key=lambda row: row["amount_minor"] if skips else ranks[row["application_id"]] or 0, default=None)
    if head is None or call["reserve_ended_at"] or any(row["not_funded"] for row in decisions):
        return
    if head["amount_minor"] <= envelope - held:
        yield (
            f"application {head['application_id']}",
            f"waits on the reserve list with {head['amount_minor']}, although {envelope - held} of {envelope} are free",
            True,
        )
