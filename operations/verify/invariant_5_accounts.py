"""5, for accounts and sums: a second person for accounts, approvals of what is paid together, one claim for one invoice."""

from collections.abc import Iterable
from datetime import timedelta

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped
from shared.policy.schema import Policy

IN_FORCE = ("sealed", "sent", "accepted", "unknown", "paid")
WINDOW_DAYS = 30
"""How far back payments to an account count where the policy has no value."""


def _second_person(facts: Facts) -> Found:
    """A changed account was proposed by one person and confirmed by another; the events say so too."""
    proposed = {event.body["proposal_id"]: event.actor for event in facts.named("PayeeAccountProposed")}
    confirmed = {(event.body["payee_id"], event.body["version"]): event for event in facts.named("PayeeAccountConfirmed") if event.genuine}
    for row in facts.rows("payments.accounts"):
        if row["in_force_at"] is None:
            continue  # from before accounts were confirmed
        subject, event = f"payee {row['payee_id']}", confirmed.get((row["payee_id"], row["version"]))
        if row["version"] > 1 and row["confirmed_by"] is None:
            yield subject, f"version {row['version']} of its account is in force without a second person"
        if row["confirmed_by"] is not None and row["confirmed_by"] == row["set_by"]:
            yield subject, f"{row['set_by']} set and confirmed version {row['version']} of its account"
        if row["confirmed_by"] is not None and (event is None or event.actor != row["confirmed_by"]):
            yield subject, f"no event of {row['confirmed_by']} confirms version {row['version']} of its account"
        elif event is not None and proposed.get(event.body["proposal_id"]) in (None, event.actor):
            yield subject, f"version {row['version']} of its account was confirmed by {event.actor}, and proposed by nobody else"


def _shared_accounts(facts: Facts) -> Found:
    """Of two payees with one account that are not the same organisation, the later one was confirmed by a second person."""
    accounts = grouped(facts.rows("payments.accounts"), lambda row: row["payee_id"])
    for payees in grouped(facts.rows("payments.payees"), lambda row: row["account"]).values():
        holders = {(payee["kind"], payee["organisation_id"] or payee["id"]) for payee in payees}
        if payees[0]["account"] is None or len(holders) < 2:
            continue
        latest: list[Row] = [max(accounts.get(payee["id"], []), key=lambda row: row["version"], default={}) for payee in payees]
        unconfirmed = [row for row in latest if row.get("in_force_at") and row["confirmed_by"] is None]
        for row in sorted(unconfirmed, key=lambda row: row["in_force_at"])[1:]:
            yield f"payee {row['payee_id']}", "has the account of another payee, and no second person confirmed it"


def _split_approvals(facts: Facts) -> Found:
    """A payment that was sealed has the approvals of what was prepared before it on the voucher, or to the payee within the window."""
    disbursements, vouchers = facts.by("payments.disbursements", "id"), facts.by("payments.vouchers", "id")
    given = grouped(facts.rows("payments.approvals"), lambda row: (row["attempt_id"], row["account_version"]))
    known = [row for row in facts.rows("payments.attempts") if row["prepared_at"] and row["disbursement_id"] in disbursements]
    payments = [{**disbursements[row["disbursement_id"]], "ended": disbursements[row["disbursement_id"]]["state"], **row} for row in known]
    on_voucher, to_payee = grouped(payments, lambda row: row["voucher_id"]), grouped(payments, lambda row: row["payee_id"])
    for payment in payments:
        policy = facts.policies.get(vouchers.get(payment["voucher_id"], {}).get("policy_id", ""))
        if policy is None or payment["state"] not in IN_FORCE:
            continue
        since = payment["prepared_at"] - timedelta(days=policy.approvals.window_days or WINDOW_DAYS)
        recent = [one for one in to_payee[payment["payee_id"]] if one["state"] in IN_FORCE and one["prepared_at"] > since]
        standing = [one for one in on_voucher[payment["voucher_id"]] if one["ended"] != "cancelled"]
        total = payment["amount_minor"] + max(_before(payment, standing), _before(payment, recent))
        approvals = len({row["step"] for row in given.get((payment["id"], payment["account_version"]), [])})
        if approvals < required_steps(policy, total):
            detail = f"attempt {payment['number']} has {approvals} approvals; {total} paid together need {required_steps(policy, total)}"
            yield f"disbursement {payment['disbursement_id']}", detail


def _before(payment: Row, others: Iterable[Row]) -> int:
    """The amounts of the other disbursements that were prepared before it, each once."""
    earlier = {one["disbursement_id"]: one["amount_minor"] for one in others if one["prepared_at"] < payment["prepared_at"]}
    earlier.pop(payment["disbursement_id"], None)
    return sum(earlier.values())


def required_steps(policy: Policy, amount_minor: int) -> int:
    """How many steps of the policy's table an amount needs. Older policies give only the bound of a second approval."""
    rules = policy.approvals
    bounds = [0, rules.second_approver_above_minor or 0] if rules.steps is None else [step.above_minor for step in rules.steps]
    return sum(amount_minor > bound for bound in bounds)


def _invoices(facts: Facts) -> Found:
    """No two live claims of an organisation rest on one invoice: a number of an issuer in a year; without comparable issuers a number, date
    and amount. What two organisations claim an officer has confirmed."""
    live = {row["id"] for row in facts.rows("payments.claims") if row["state"] not in ("rejected", "replaced")}
    rows = (row for row in facts.rows("payments.invoices") if row["claim_id"] in live)
    for same in grouped(rows, lambda row: (row["organisation_id"], row["number"])).values():
        for position, row in enumerate(same):
            if others := [other["claim_id"] for other in same[:position] if _is_one_invoice(row, other)]:
                claims = sorted({row["claim_id"], *others})
                yield f"claim {claims[0]}", f"rests on the same invoice as {', '.join(claims[1:]) or 'itself'}"


def _is_one_invoice(one: Row, other: Row) -> bool:
    issuers = [row["issuer_hash"] or "" for row in (one, other)]
    comparable = [issuer.startswith("2:") for issuer in issuers]  # others are of the number as it was typed before
    if all(comparable):
        return issuers[0] == issuers[1] and one["issued_on"].year == other["issued_on"].year
    alike = (one["issued_on"], one["amount_minor"]) == (other["issued_on"], other["amount_minor"])
    return alike and (any(comparable) or "" in issuers or issuers[0] == issuers[1])


ACCOUNT_CHECKS = (_second_person, _shared_accounts, _split_approvals, _invoices)
