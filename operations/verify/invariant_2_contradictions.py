"""2, where the bank contradicts itself: nothing goes on while a line is open, and no second payment follows from a rejection alone."""

from datetime import datetime

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged

_STEPS = ("DisbursementPrepared", "DisbursementApproved")
APPLIED_LATER = "applied-later"


def _frozen(facts: Facts) -> Found:
    """While a line of the bank about a payment was open, no further attempt was begun, approved or sealed.

    A line that was applied later had come too early and contradicted nothing.
    """
    resolved = facts.named("BankLineResolved")
    steps, seals = facts.named(*_STEPS), _seals(facts)
    for opened in facts.named("BankLineUnmatched"):
        later = (one for one in resolved if one.body["line_id"] == opened.body["line_id"] and one.position > opened.position)
        end = min(later, key=lambda one: one.position, default=None)
        if end is not None and end.reason == APPLIED_LATER:
            continue
        subject = f"bank line {opened.body['line_id']}"
        for step in steps:
            begins = step.name != "DisbursementPrepared" or step.body["attempt"] > 1
            if begins and _is_meant(opened, step) and opened.position < step.position < (end.position if end else step.position + 1):
                yield subject, f"was open when {step} of disbursement {step.body['disbursement_id']} happened"
        for disbursement, voucher, sealed_at in seals:
            meant = (
                opened.body["disbursement_id"] == disbursement if opened.body["disbursement_id"] else opened.body["voucher_id"] == voucher
            )
            if meant and opened.time < sealed_at and (end is None or sealed_at < end.time):
                yield subject, f"was open when a payment of disbursement {disbursement} was sealed"


def _is_meant(line: Logged, step: Logged) -> bool:
    """True when the line names the payment, or only its voucher."""
    named = line.body["disbursement_id"]
    return bool(step.body["disbursement_id"] == named if named else step.body["voucher_id"] == line.body["voucher_id"])


def _seals(facts: Facts) -> list[tuple[str, str, datetime]]:
    """Disbursement, voucher and instant of each sealing. A batch that was found after a restore was sealed before its lines were read."""
    batches, vouchers = facts.by("payments.batches", "id"), {row["id"]: row["voucher_id"] for row in facts.rows("payments.disbursements")}
    return [
        (row["disbursement_id"], vouchers.get(row["disbursement_id"], ""), batch["sealed_at"])
        for row in facts.rows("payments.transfers")
        if (batch := batches.get(row["batch_id"])) and not batch["imported_at"]
    ]


def _rejections(facts: Facts) -> Found:
    """After a rejection a further attempt began only with the statement of the execution day, or with a second person's confirmation.
    Which person that is: `invariant_5_separation.py`."""
    batches = facts.by("payments.batches", "id")
    confirmed = {(one.body["disbursement_id"], one.body["attempt"]) for one in facts.named("DisbursementRejectionConfirmed")}
    attempts = {(row["disbursement_id"], row["number"]): row for row in facts.rows("payments.attempts")}
    prepared = {(one.body["disbursement_id"], one.body["attempt"]) for one in facts.named("DisbursementPrepared")}
    for (disbursement, number), row in attempts.items():
        batch = batches.get(row["batch_id"])
        if row["state"] != "rejected" or (disbursement, number + 1) not in prepared or batch is None:
            continue
        statement = any(
            one.account == batch["debtor_account"] and one.first <= batch["execution_on"] <= one.last for one in facts.bank.days
        )
        statement = statement or any(
            one["account"] == batch["debtor_account"] and one["first_day"] <= batch["execution_on"] <= one["last_day"]
            for one in facts.rows("payments.uploaded_days")
        )
        if not statement and (disbursement, number) not in confirmed:
            yield f"attempt {row['id']}", "was rejected; the next one began without a statement of its day and without a second person"


CONTRADICTION_CHECKS = (_frozen, _rejections)
