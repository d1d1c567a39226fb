"""1, removals: content goes only by CaseRemoved, when its term is over and nobody holds it; and then it is gone in every service."""

from datetime import datetime

from operations.verify.breach import Found
from operations.verify.facts import Facts
from shared.kernel.vocabulary import HoldSubject, RetentionClass
from shared.privacy.retention import EndedCase, kept_until

HELD = {
    "applications.applications": "id", "evaluation.cases": "application_id", "payments.vouchers": "application_id",
    "vouchers.vouchers": "application_id",
}  # fmt: skip
"""Where content of a case is, and the column with the id of its application."""


def _removed_everywhere(facts: Facts) -> Found:
    removed = {event.body["application_id"] for event in facts.named("CaseRemoved")}
    for table, column in HELD.items():
        for row in facts.rows(table):
            subject = f"application {row[column]}"
            if row["removed_at"] and row[column] not in removed:
                yield subject, f"has lost its content in {table} without CaseRemoved"
            elif row["removed_at"] and not row["emptied"]:
                yield subject, f"is removed, but {table} still has content of it"
            elif row[column] in removed and not row["removed_at"]:
                yield subject, f"is removed, but not in {table}", table != "applications.applications"


def _removed_in_time(facts: Facts) -> Found:
    """Not before the term that the policy gives it from its submission on (a draft: from the close of its call), nor while it was held."""
    known = {(event.body["application_id"], event.name): event for event in facts.events if "application_id" in event.body}
    closes = {event.body["call_id"]: event.body["closes_at"] for event in facts.named("CallPublished", "CallExtended")}
    organisations = {row["id"]: row["organisation_id"] for row in facts.rows("applications.applications")}
    for event in facts.named("CaseRemoved"):
        application, policy = event.body["application_id"], facts.policies.get(event.policy_id)
        submission = known.get((application, "ApplicationSubmitted"))
        begin = datetime.fromisoformat(submission.body["submitted_at"] if submission else closes.get(event.body["call_id"], ""))
        until = kept_until(policy, EndedCase(RetentionClass(event.body["retention_class"]), begin)) if policy else None
        if until is None or event.time < max(until, datetime.fromisoformat(event.body["kept_until"])):
            yield f"application {application}", f"its content was removed at {event.time.isoformat()}, before its term was over"
        for hold in facts.rows("applications.holds"):
            subject = application if hold["subject_kind"] == HoldSubject.CASE else organisations.get(application)
            in_force = hold["placed_at"] < event.time and (hold["lifted_at"] is None or event.time < hold["lifted_at"])
            if hold["subject_id"] == subject and hold["region"] == event.body["region"] and in_force:
                yield f"application {application}", f"its content was removed while hold {hold['id']} was in force"


def _payment_files(facts: Facts) -> Found:
    """A payment file is removed only when each case that it paid is."""
    vouchers, disbursements = facts.by("payments.vouchers", "id"), facts.by("payments.disbursements", "id")
    removed = {row["id"] for row in facts.rows("payments.batches") if row["removed_at"]}
    for transfer in facts.rows("payments.transfers"):
        voucher = vouchers[disbursements[transfer["disbursement_id"]]["voucher_id"]]
        if transfer["batch_id"] in removed and not voucher["removed_at"]:
            yield f"batch {transfer['batch_id']}", f"its file is removed, but the case of voucher {voucher['id']} is kept"


REMOVAL_CHECKS = (_removed_everywhere, _removed_in_time, _payment_files)
