"""4, for queues: first-come calls follow the order of submission, reserve lists the order of ranks."""

from collections.abc import Sequence
from typing import NamedTuple

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row, grouped
from shared.kernel.vocabulary import SelectionMethod
from shared.policy.schema import Policy

GRANTING = ("AwardGranted", "ExpressionChosen")
"""An award of money, or of an invitation."""


class Bounds(NamedTuple):
    """The least and the most that an envelope had at any time: the logs of two services have no common order."""

    least: int
    most: int

    @classmethod
    def of(cls, published: int, changes: Sequence[int]) -> "Bounds":
        return cls(published + sum(one for one in changes if one < 0), published + sum(one for one in changes if one > 0))


class Terms(NamedTuple):
    """`skips`: a smaller request overtakes one that the money does not hold. `policy`: of a call that awards in part, None where each award
    is in full."""

    envelope: Bounds
    skips: bool
    policy: Policy | None

    def enough_for(self, amount_minor: int, voucher_type: str | None) -> int:
        """With how much free money the next application has to be granted: of an award in part, the least that it may be."""
        return amount_minor if self.policy is None else min(amount_minor, max(1, _smallest(self.policy, voucher_type)))


def _smallest(policy: Policy, voucher_type: str | None) -> int:
    of_type = [one.smallest_minor for one in policy.voucher_types or () if one.id == voucher_type]
    return next((minor for minor in of_type if minor is not None), policy.value.smallest_minor)


def queues(facts: Facts) -> Found:
    changes = grouped(facts.named("EnvelopeChanged", "CapacityChanged"), lambda event: event.body["call_id"])
    decisions = grouped(facts.named(*GRANTING, "PlacedOnReserveList", "AwardRefused"), lambda event: event.body["call_id"])
    for call in facts.rows("evaluation.calls"):
        events = decisions.get(call["id"], [])
        policy = facts.policies.get(call["policy_id"])
        if policy is None or policy.selection.when_short != "skip":
            yield from _reserve_list_order(facts, events)
        if call["selection_method"] == SelectionMethod.FIRST_COME:
            by = [event.body["change_minor"] for event in changes.get(call["id"], [])]
            rule = policy.selection.when_short if policy else None
            terms = Terms(Bounds.of(call["envelope_minor"], by), rule == "skip", policy if rule == "partial" else None)
            yield from _first_come_order(facts, call, events, terms)


def _reserve_list_order(facts: Facts, events: Sequence[Logged]) -> Found:
    """An award from the reserve list goes to the first waiting application."""
    waiting: dict[str, int] = {}
    for event in events:
        application = event.body["application_id"]
        ahead = [other for other, rank in waiting.items() if other != application and rank < event.body.get("rank", 0)]
        if event.name in GRANTING and ahead:
            yield f"application {application}", f"was granted although {ahead[0]} waits before it"
        waiting.pop(application, None)
        if event.name == "PlacedOnReserveList":
            waiting[application] = event.body["position"]


def _first_come_order(facts: Facts, call: Row, events: Sequence[Logged], terms: Terms) -> Found:
    """Applications are decided by their sequence numbers; each is granted as long as the envelope covers it, and never beyond."""
    envelope = terms.envelope
    cases = {case["application_id"]: case for case in facts.rows("evaluation.cases") if case["call_id"] == call["id"]}
    given_back = facts.named("FundsReleased", "UnitsReleased")
    released = sum(event.body["amount_minor"] for event in given_back if event.body["call_id"] == call["id"])
    added = sum(event.body["amount_minor"] for event in facts.named("FundsAdded") if event.body["call_id"] == call["id"])
    not_funded = {event.body["award_id"] for event in facts.named("VoucherNotFunded")}
    types = {
        event.body["application_id"]: (event.body.get("terms") or {}).get("voucher_type")
        for event in facts.named("ApplicationFoundEligible")
    }
    waiting: set[str] = set()
    seen: set[str] = set()
    last = awarded = held = 0
    for event in events:
        application, case = event.body["application_id"], cases.get(event.body["application_id"])
        first = application not in seen
        seen.add(application)
        if case is None or (first and _withdrawn(event)):
            continue
        if first and case["sequence"] < last:
            yield f"application {application}", f"number {case['sequence']} was decided after number {last}"
        last = max(last, case["sequence"])
        if event.name in GRANTING:
            amount = event.body.get("amount_minor", case["amount_minor"])
            awarded += amount
            held += 0 if event.body.get("award_id") in not_funded else amount
            if held - released > envelope.most:
                yield f"application {application}", f"was granted, so that {held - released} of {envelope.most} are awarded"
        elif (
            first
            and (terms.skips or not waiting)
            and awarded + terms.enough_for(case["amount_minor"], types.get(application)) <= envelope.least - added
        ):
            yield f"application {application}", f"was not granted, although only {awarded} of {envelope.least} were awarded before it"
        (waiting.add if event.name == "PlacedOnReserveList" else waiting.discard)(application)


def _withdrawn(event: Logged) -> bool:
    return event.name == "AwardRefused" and bool(event.body["rules"] == ["withdrawn"])
