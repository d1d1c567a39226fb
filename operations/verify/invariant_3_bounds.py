"""3, continued. Money only as it was granted: by an award of evaluation, within the policy, from an envelope that may be used."""

from collections.abc import Iterator

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row, case_of, grouped

GRANTED = ("application_id", "call_id", "region", "organisation_id", "scheme", "policy_id", "currency", "amount_minor")
"""What an award says, and nothing that follows from it may say otherwise."""
PUBLISHED = ("region", "scheme", "policy_id", "currency")
SAYING = ("FundsReservationRequested", "UnitsReserved", "FundsReserved", "FundsCommitted", "VoucherOffered", "VoucherIssued")
"""Events that repeat what an award says."""
ASKED = {"VoucherOffered": "FundsReserved", "VoucherIssued": "FundsCommitted"}
"""Event of a voucher → the reply of payments without which it must not happen."""
IN_KIND = {"VoucherOffered": "AidReserved", "VoucherIssued": "UnitsReserved"}
"""The same of hours and places, which vouchers itself reserves and commits (`invariant_3_attendance`)."""


def _statements(facts: Facts) -> Iterator[tuple[str, str | None, Row]]:
    """Where something is said about a voucher, the award that it is said of, and what."""
    award_of = {row["id"]: row["award_id"] for row in facts.rows("vouchers.vouchers")}
    for row in facts.rows("vouchers.awards"):
        yield "vouchers.awards", row["id"], row
    for row in facts.rows("vouchers.vouchers"):
        yield "vouchers.vouchers", row["award_id"], row
    for row in facts.rows("payments.vouchers"):
        yield "payments.vouchers", award_of.get(row["id"]), row
    for event in facts.named(*SAYING):
        yield str(event), award_of.get(event.body["voucher_id"]), event.body


def _as_granted(facts: Facts) -> Found:
    granted = {event.body["award_id"]: event.body for event in facts.named("AwardGranted")}
    for where, award, said in _statements(facts):
        body = granted.get(award)
        if body is None:
            yield f"application {said['application_id']}", f"is in {where} by award {award}, which evaluation never granted"
            continue
        other = [f"{name} {said[name]} for {body[name]}" for name in GRANTED if name in said and said[name] != body[name]]
        if other:
            yield f"application {said['application_id']}", f"{where} differs from award {award}: {', '.join(other)}"


def _within_the_policy(facts: Facts) -> Found:
    for table in ("vouchers.awards", "vouchers.vouchers", "payments.vouchers"):
        for row in facts.rows(table):
            policy, amount = facts.policies.get(row["policy_id"]), row["amount_minor"]
            subject = f"application {row['application_id']}"
            if policy is None:
                yield subject, f"is in {table} under {row['policy_id']}, which is not a known policy"
            elif not policy.value.smallest_minor <= amount <= policy.value.largest_minor:
                allowed = f"{policy.value.smallest_minor} to {policy.value.largest_minor}"
                yield subject, f"is in {table} with {amount}; the policy allows {allowed}"


def _calls(facts: Facts) -> Found:
    """A call fits its policy, and its envelope fits the call."""
    published = {event.body["call_id"]: event.body for event in facts.named("CallPublished")}
    for call, body in published.items():
        policy = facts.policies.get(body["policy_id"])
        if policy is None:
            yield f"call {call}", f"was published under {body['policy_id']}, which is not a known policy"
        elif (body["region"], body["scheme"], body["currency"]) != (policy.region, policy.scheme, policy.currency):
            yield f"call {call}", "differs from its policy in region, scheme or currency"
    for row in facts.rows("payments.envelopes"):
        body = published.get(row["call_id"], {})
        other = [name for name in PUBLISHED if row[name] != body.get(name, row[name])]
        if other:
            yield f"call {row['call_id']}", f"its envelope differs from what was published: {', '.join(other)}"


def _replies(facts: Facts) -> Found:
    """Nothing is offered whose money, or whose aid, is not reserved, and nothing issued whose money is not committed."""
    replied = {(event.name, event.body["voucher_id"]) for event in facts.named(*ASKED.values(), *IN_KIND.values())}
    for event in facts.named(*ASKED):
        of_money, in_kind = ASKED[event.name], IN_KIND[event.name]
        if not replied & {(of_money, event.body["voucher_id"]), (in_kind, event.body["voucher_id"])}:
            yield case_of(event), f"{event} without {of_money} or {in_kind}"


def _confirmations(facts: Facts) -> Found:
    """Nothing is reserved from an envelope above the ceiling before another person than the publisher has confirmed it."""
    reserved = grouped(facts.named("FundsReserved"), lambda event: event.body["call_id"])
    confirmed = {event.body["call_id"]: event for event in facts.named("EnvelopeConfirmed")}
    for published in facts.named("CallPublished"):
        policy, call = facts.policies.get(published.body["policy_id"]), published.body["call_id"]
        if policy is None or policy.budget is None or published.body["envelope_minor"] <= policy.budget.ceiling_minor:
            continue
        by = confirmed.get(call)
        if by is not None and by.actor == published.actor:
            yield f"call {call}", f"{by.actor} published it and confirmed its envelope"
        for event in reserved.get(call, []):
            if by is None or _before(event, by):
                yield case_of(event), f"{event} came before the envelope of call {call} was confirmed"


def _before(one: Logged, other: Logged) -> bool:
    return one.position < other.position


BOUND_CHECKS = (_as_granted, _within_the_policy, _calls, _replies, _confirmations)
