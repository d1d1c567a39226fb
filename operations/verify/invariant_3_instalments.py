"""3, for advances and balances: an advance is never above its share; what of it no claim has settled is asked back; what is kept of claims
is paid once, after the report."""

from collections.abc import Sequence

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped

ENDED_OTHERWISE = ("revoked", "withdrawn")


def instalments(facts: Facts) -> Found:
    released = {row["voucher_id"]: row["outcome"] for row in facts.rows("payments.balances")}
    of_voucher = grouped(facts.rows("payments.claims"), lambda row: row["voucher_id"])
    for voucher in facts.rows("payments.vouchers"):
        accepted = [row for row in of_voucher.get(voucher["id"], []) if row["state"] == "accepted"]
        by_kind = grouped(accepted, lambda row: row["kind"])
        bought, advances, balances = (by_kind.get(kind, []) for kind in ("expenditure", "advance", "balance"))
        if advances or balances or any(row["settled_minor"] or row["retained_minor"] for row in bought):
            yield from _shares(facts, voucher, bought, advances)
            yield from _unspent(facts, voucher, bought, advances)
            yield from _kept(voucher, bought, balances, released.get(voucher["id"]))


def _shares(facts: Facts, voucher: Row, bought: Sequence[Row], advances: Sequence[Row]) -> Found:
    subject, policy = f"voucher {voucher['id']}", facts.policies.get(voucher["policy_id"])
    share = policy.advance.share_bp if policy and policy.advance else 0
    for row in advances:
        most = row["value_minor"] * share // 10_000
        if row["granted_minor"] > most:
            yield subject, f"has an advance of {row['granted_minor']}; its share is {most}"
    settled, granted = sum(row["settled_minor"] for row in bought), sum(row["granted_minor"] for row in advances)
    if len(advances) > 1 or (settled > granted and voucher["closure_reason"] not in ENDED_OTHERWISE):
        yield subject, f"has {len(advances)} advances of {granted}, and claims settle {settled} against them"
    kept, base = sum(row["retained_minor"] for row in bought), sum(row["granted_minor"] for row in bought)
    most = base * (policy.balance.share_bp if policy and policy.balance else 0) // 10_000
    if kept > most:
        yield subject, f"keeps {kept} of its claims; the share of {base} is {most}"


def _unspent(facts: Facts, voucher: Row, bought: Sequence[Row], advances: Sequence[Row]) -> Found:
    """Once a voucher is settled: advance = settled + recovered, or written off. Of a revoked voucher everything that was paid is asked
    back, settled or not."""
    if voucher["state"] != "settled" or voucher["closure_reason"] == "revoked":
        return
    claims = {row["id"] for row in advances}
    disbursements = {row["id"]: row for row in facts.rows("payments.disbursements") if row["claim_id"] in claims}
    paid = sum(row["amount_minor"] for row in disbursements.values() if row["state"] == "paid")
    attempts = {row["id"] for row in facts.rows("payments.attempts") if row["disbursement_id"] in disbursements}
    closed = [row for row in facts.rows("payments.recoveries") if row["attempt_id"] in attempts and row["state"] != "ordered"]
    back, settled = sum(row["amount_minor"] for row in closed), sum(row["settled_minor"] for row in bought)
    if max(0, paid - settled) > back:
        yield (
            f"voucher {voucher['id']}",
            f"is settled with an advance of {paid}, of which claims settled {settled} and {back} was asked back",
        )


def _kept(voucher: Row, bought: Sequence[Row], balances: Sequence[Row], outcome: str | None) -> Found:
    subject, paid = f"voucher {voucher['id']}", sum(row["granted_minor"] for row in balances)
    kept = sum(row["retained_minor"] for row in bought)
    if paid and (outcome != "released" or paid > kept):
        yield subject, f"pays a balance of {paid}; {kept} was kept of its claims, and its balance is {outcome or 'not decided'}"
    if kept and outcome is None and voucher["state"] == "settled" and voucher["closure_reason"] not in ENDED_OTHERWISE:
        yield subject, f"is settled, and {kept} that was kept of its claims is not decided"
