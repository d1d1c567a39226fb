"""5, for providers: who is paid was in the catalogue when it redeemed, was independent, and the beneficiary confirmed the delivery."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped

SIDES = ("organisation_id", "provider_organisation_id")
COMPARED = ("tax-number", "address", "owner")
ACROSS = (("kin", "owner", "kin"), ("owner", "owner", "itself"), ("owner", "employer", "owned-by"))
"""What ties them, by this of the beneficiary and that of the provider: one may own the other."""


def _listed(facts: Facts) -> Found:
    """On the day of the redemption, by the clocks of the region, the provider was approved for the service."""
    steps = grouped(facts.rows("payments.provider_steps"), lambda row: row["provider_id"])
    zones = {policy.region: policy.zone for policy in facts.policies.values()}
    for order in facts.rows("payments.orders"):
        at: datetime | None = order["redeemed_at"]
        if at is None:
            continue
        before = [step for step in steps.get(order["provider_id"], []) if step["at"] <= at]
        last: Row = max(before, key=lambda step: step["number"], default={})
        day = at.astimezone(ZoneInfo(zones.get(order["region"], "UTC"))).date()
        since, until = last.get("since"), last.get("until")
        within = since is not None and since <= day and (until is None or day <= until)
        if last.get("state") != "approved" or not within or order["service"] not in last["services"]:
            yield f"order {order['id']}", f"was redeemed by a provider that was not in the catalogue for {order['service']} on {day}"


def _independent(facts: Facts) -> Found:
    """Provider and beneficiary of a redeemed order have no organisation, tax number, address, owner or account in common, neither owns the
    other, and no owner of the beneficiary is declared as kin."""
    providers, vouchers = facts.by("payments.providers", "id"), facts.by("payments.vouchers", "id")
    applicants = facts.by("payments.applicants", "application_id")
    accounts = grouped(facts.rows("payments.payees"), lambda row: row["organisation_id"])
    for order in facts.rows("payments.orders"):
        provider, voucher = providers.get(order["provider_id"]), vouchers.get(order["voucher_id"], {})
        if order["redeemed_at"] is None or provider is None:
            continue
        of_firm = applicants.get(voucher.get("application_id", ""), {"relations": {}})["relations"]
        of_provider = provider["relations"]
        shared = [kind for kind in COMPARED if set(of_firm.get(kind, ())) & set(of_provider.get(kind, ()))]
        shared += [name for name, of_one, of_other in ACROSS if set(of_firm.get(of_one, ())) & set(of_provider.get(of_other, ()))]
        sides = [{row["account"] for row in accounts.get(order[side], []) if row["account"]} for side in SIDES]
        if sides[0] & sides[1]:
            shared.append("account")
        if order["organisation_id"] == order["provider_organisation_id"]:
            shared.append("organisation")
        if shared:
            yield f"order {order['id']}", f"was redeemed by a provider that is related to the beneficiary: {', '.join(shared)}"


def _confirmed(facts: Facts) -> Found:
    """A claim with the invoices of an order was lodged once the beneficiary had confirmed it, by another person than redeemed it; and it is
    paid to the provider of the order."""
    orders, payees, claims = facts.by("payments.orders", "id"), facts.by("payments.payees", "id"), facts.by("payments.claims", "id")
    for row in facts.rows("payments.claims_of_orders"):
        order, claim = orders[row["order_id"]], claims[row["claim_id"]]
        if order["confirmed_at"] is None:
            yield f"claim {row['claim_id']}", "has the invoices of an order whose delivery nobody has confirmed"
        if order["confirmed_by"] is not None and order["confirmed_by"] == order["redeemed_by"]:
            yield f"order {order['id']}", f"{order['confirmed_by']} redeemed it and confirmed the delivery"
        if payees.get(claim["payee_id"], {}).get("organisation_id") != order["provider_organisation_id"]:
            yield f"claim {row['claim_id']}", "is to be paid to somebody else than the provider of its order"


def _ordered(facts: Facts) -> Found:
    """Where the policy has a catalogue, a provider is paid for an order."""
    vouchers, payees = facts.by("payments.vouchers", "id"), facts.by("payments.payees", "id")
    ordered = {row["claim_id"] for row in facts.rows("payments.claims_of_orders")}
    for claim in facts.rows("payments.claims"):
        policy = facts.policies.get(vouchers.get(claim["voucher_id"], {}).get("policy_id", ""))
        to_provider = payees.get(claim["payee_id"], {}).get("kind") == "provider"
        if policy is not None and policy.providers is not None and to_provider and claim["id"] not in ordered:
            yield f"claim {claim['id']}", "is to be paid to a provider, and nothing was ordered from the catalogue"


def _suspensions(facts: Facts) -> Found:
    """Who suspended a provider did not end the suspension."""
    for provider, steps in grouped(facts.rows("payments.provider_steps"), lambda row: row["provider_id"]).items():
        in_order = sorted(steps, key=lambda step: step["number"])
        for one, following in pairwise(in_order):
            if (one["state"], following["state"]) == ("suspended", "approved") and one["actor"] == following["actor"]:
                yield f"provider {provider}", f"{one['actor']} suspended it and ended the suspension"


PROVIDER_CHECKS = (_listed, _independent, _confirmed, _ordered, _suspensions)
