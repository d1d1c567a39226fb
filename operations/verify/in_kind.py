"""Calls that give no money, by the policy under which they were published."""

from operations.verify.facts import Facts


def calls_in_kind(facts: Facts) -> frozenset[str]:
    """Their ids."""
    found = ((event.body["call_id"], facts.policies.get(event.body["policy_id"])) for event in facts.named("CallPublished"))
    return frozenset(call for call, policy in found if policy is not None and not policy.gives_money)
