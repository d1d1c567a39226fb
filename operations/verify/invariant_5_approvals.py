"""5, for payments: the approval steps that the policy requires, each by another person who took no earlier step of the case."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped
from operations.verify.invariant_5_accounts import required_steps
from shared.policy.schema import Policy

SEALED_OR_LATER = ("sealed", "sent", "accepted", "rejected", "unknown", "paid", "returned")


class Approved(NamedTuple):
    """An attempt with the rows that its approvals are checked against.

    `account` is the approved version; `approvals` are those of this version.
    """

    attempt: Row
    disbursement: Row
    account: Row
    claim: Row
    approvals: list[Row]
    policy: Policy | None

    @property
    def subject(self) -> str:
        return f"disbursement {self.attempt['disbursement_id']}"

    @property
    def name(self) -> str:
        return f"attempt {self.attempt['number']}"


def _attempts(facts: Facts) -> list[Approved]:
    disbursements, claims = facts.by("payments.disbursements", "id"), facts.by("payments.claims", "id")
    vouchers = facts.by("payments.vouchers", "id")
    accounts = {(row["payee_id"], row["version"]): row for row in facts.rows("payments.accounts")}
    given = grouped(facts.rows("payments.approvals"), lambda row: (row["attempt_id"], row["account_version"]))
    found = []
    for attempt in facts.rows("payments.attempts"):
        disbursement = disbursements.get(attempt["disbursement_id"], {})
        account = accounts.get((attempt["payee_id"], attempt["account_version"]), {})
        rows = given.get((attempt["id"], attempt["account_version"]), [])
        policy = facts.policies.get(vouchers.get(disbursement.get("voucher_id"), {}).get("policy_id", ""))
        found.append(Approved(attempt, disbursement, account, claims.get(disbursement.get("claim_id"), {}), rows, policy))
    return found


def _separate_approvers(facts: Facts) -> Found:
    """An approver gave one step only, and took no earlier step: prepared the payment, set the account, or decided the claim."""
    for one in _attempts(facts):
        yield from _approver_problems(one)


def _approver_problems(one: Approved) -> Found:
    earlier = {
        "prepared it": one.attempt["prepared_by"],
        "set the account": one.account.get("set_by"),
        "checked the claim": one.claim.get("decided_by"),
    }
    counts = Counter(row["approver"] for row in one.approvals)
    for act, actor in earlier.items():
        if actor in counts:
            yield one.subject, f"{actor} {act} and approved it ({one.name})"
    for approver, count in counts.items():
        if count > 1:
            yield one.subject, f"{approver} gave {count} approval steps ({one.name})"


def _steps_and_cooling_off(facts: Facts) -> Found:
    """A sealed payment has every approval step that the policy requires, and its account was past the cooling-off period.

    A batch that was found after a restore was sealed with an account whose registration is lost; it is registered again later.
    """
    batches = facts.by("payments.batches", "id")
    for one in _attempts(facts):
        if one.policy is None or one.attempt["state"] not in SEALED_OR_LATER:
            continue
        required = required_steps(one.policy, one.disbursement["amount_minor"])
        missing = sorted(set(range(1, required + 1)) - {row["step"] for row in one.approvals})
        if missing:
            steps = ", ".join(map(str, missing))
            yield one.subject, f"{one.name} is {one.attempt['state']} without approval step {steps} of {required}"
        yield from _cooling_off(one, one.policy, batches)


def _cooling_off(one: Approved, policy: Policy, batches: Mapping[str, Row]) -> Found:
    batch = batches.get(one.attempt["batch_id"])
    if not batch or batch["imported_at"] or not one.account:
        return
    since = one.account["in_force_at"] or (one.account["set_at"] if one.attempt["account_version"] > 1 else None)
    if since:  # a first account from before had no cooling-off
        cooling_off_until = since + timedelta(days=policy.approvals.account_cooling_off_days)
        if batch["sealed_at"] < cooling_off_until:
            yield (
                one.subject,
                f"{one.name} was sealed before its account's cooling-off ended, {cooling_off_until.isoformat()}",
            )


def _as_claimed(facts: Facts) -> Found:
    """What is paid is what the accepted claim granted on its voucher, and a first attempt goes to the payee that the claim names."""
    for one in _attempts(facts):
        if one.attempt["state"] not in SEALED_OR_LATER or not one.claim:
            continue
        paid, granted = one.disbursement["amount_minor"], one.claim["granted_minor"]
        if granted is not None:
            granted -= one.claim["settled_minor"] + one.claim["retained_minor"] - one.claim["own_minor"]
        if paid != granted:
            yield one.subject, f"{one.name} pays {paid}; its claim grants {granted}"
        if one.disbursement["voucher_id"] != one.claim["voucher_id"]:
            yield one.subject, f"{one.name} is of another voucher than its claim"
        if one.attempt["number"] == 1 and one.attempt["payee_id"] != one.claim["payee_id"]:
            yield one.subject, f"{one.name} goes to payee {one.attempt['payee_id']}; its claim names {one.claim['payee_id']}"


def _by_proven_events(facts: Facts) -> Found:
    """Each approval of a payment that was sealed has an event of its approver that a process of the service wrote."""
    approvers = {
        (event.body["disbursement_id"], event.body["attempt"], event.actor)
        for event in facts.named("DisbursementApproved")
        if event.genuine
    }
    for one in _attempts(facts):
        if one.attempt["state"] in SEALED_OR_LATER:
            for approver in {row["approver"] for row in one.approvals}:
                if (one.attempt["disbursement_id"], one.attempt["number"], approver) not in approvers:
                    yield one.subject, f"no event of {approver} approves it ({one.name})"


def _separate_actors_by_events(facts: Facts) -> Found:
    """The same from the events: no one prepared and approved an attempt, no one lodged and accepted a claim."""
    steps = grouped(
        facts.named("DisbursementPrepared", "DisbursementApproved"), lambda event: (event.body["disbursement_id"], event.body["attempt"])
    )
    for (disbursement, attempt), events in steps.items():
        prepared = {event.actor for event in events if event.name == "DisbursementPrepared"}
        for actor in prepared & {event.actor for event in events if event.name == "DisbursementApproved"}:
            yield f"disbursement {disbursement}", f"{actor} prepared and approved attempt {attempt} according to the events"
    for claim, events in grouped(facts.named("ClaimLodged", "ClaimAccepted"), lambda event: event.body["claim_id"]).items():
        if len({event.actor for event in events}) < len(events):
            yield f"claim {claim}", f"{events[0].actor} lodged and accepted it"


APPROVAL_CHECKS = (_separate_approvers, _steps_and_cooling_off, _as_claimed, _by_proven_events, _separate_actors_by_events)
