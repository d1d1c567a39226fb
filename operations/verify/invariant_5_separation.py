"""5, separation of duties: a table of its own over the events of all services, beside the one that the services consult."""

from collections.abc import Iterable, Iterator
from itertools import combinations, product

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, grouped

SYSTEM = "system"
APPLICANT = {"ApplicationSubmitted", "ApplicationWithdrawn", "VoucherAccepted", "OfferDeclined", "VoucherWithdrawn", "ClaimLodged"}
SCREENING = {"ApplicationReturned", "ApplicationFoundEligible", "ApplicationFoundIneligible"}
VOUCHER = {"VoucherExtended", "VoucherSuspended", "VoucherResumed", "VoucherRevoked"}
CLAIM_CHECK, PREPARING = {"ClaimAccepted", "ClaimRejected"}, {"DisbursementPrepared", "DisbursementCancelled"}
PLACING, LIFTING = {"LegalHoldPlaced"}, {"LegalHoldLifted"}
APPROVAL, ORDER, CLOSING = {"DisbursementApproved"}, {"RecoveryOrdered"}, {"RecoverySettled", "RecoveryWrittenOff"}
PUBLICATION, IMPORT, SCORING, LIST_APPROVAL = {"CallPublished", "CallExtended"}, {"import"}, {"EvaluatorAssigned"}, {"RankingApproved"}
AGENCY = [PUBLICATION, IMPORT, SCREENING, SCORING, LIST_APPROVAL, VOUCHER, CLAIM_CHECK, PREPARING, APPROVAL, ORDER, CLOSING]

IN_THE_CASE = [(IMPORT, SCREENING), (CLAIM_CHECK, APPROVAL), (ORDER, CLOSING), (PREPARING, APPROVAL)]
BUDGET = {"EnvelopeConfirmed"}
ACROSS_THE_CALL = [
    *((APPLICANT, step) for step in [*AGENCY, BUDGET]),
    *((step, LIST_APPROVAL) for step in (PUBLICATION, BUDGET, IMPORT, SCORING)),
    (PUBLICATION, BUDGET),
]
Act = tuple[str, str]
"""Person and step: an event's name, or 'import' for a submission from a list."""


def _separate_steps(facts: Facts) -> Found:
    """No person took two steps that do not go together: in one case, or, where the rule says so, in one call."""
    events = [event for event in facts.events if event.body.get("call_id")]
    for case, found in grouped((event for event in events if event.body.get("application_id")), lambda event: event.case).items():
        yield from _breaches(f"application {case}", set(_acts(found)), IN_THE_CASE)
    for call, found in grouped(events, lambda event: event.body["call_id"]).items():
        yield from _breaches(f"call {call}", set(_acts(found)), ACROSS_THE_CALL)


def _acts(events: Iterable[Logged]) -> Iterator[Act]:
    for event in events:
        person = event.body["evaluator_id"] if event.name == "EvaluatorAssigned" else event.actor
        if person != SYSTEM:
            yield person, "import" if event.body.get("imported") else event.name


def _separate_hands_on_a_hold(facts: Facts) -> Found:
    """Nobody lifts a hold who has placed one on the same subject."""
    for subject, events in grouped(facts.named("LegalHoldPlaced", "LegalHoldLifted"), lambda event: event.body["subject_id"]).items():
        yield from _breaches(f"subject {subject}", set(_acts(events)), [(PLACING, LIFTING)])


def _breaches(subject: str, acts: set[Act], table: Iterable[tuple[set[str], set[str]]]) -> Found:
    for (person, one), (other_person, other) in product(acts, acts):
        if person == other_person and any(one in first and other in second for first, second in table):
            yield subject, f"{person} took two steps that need two persons: {one} and {other}"


def _separate_hands_of_a_payment(facts: Facts) -> Found:
    """Who set the account, prepared, approved and sealed a payment are different persons; each approval counts."""
    sealers = {event.body["batch_id"]: event.actor for event in facts.named("BatchSealed")}
    approvals = grouped(facts.rows("payments.approvals"), lambda row: row["attempt_id"])
    setters = grouped(facts.rows("payments.accounts"), lambda row: row["payee_id"])
    imported = {row["id"] for row in facts.rows("payments.batches") if row["imported_at"]}
    for attempt in facts.rows("payments.attempts"):
        if attempt["batch_id"] in imported:
            continue  # made from a payment file after a restore: the steps before it are lost
        latest = attempt["account_version"]
        hands = {
            "set the account": {row["set_by"] for row in setters.get(attempt["payee_id"], []) if row["version"] <= latest},
            "prepared": {attempt["prepared_by"]},
            "approved": {row["approver"] for row in approvals.get(attempt["id"], [])},
            "sealed": {sealers[attempt["batch_id"]]} if attempt["batch_id"] in sealers else set(),
        }
        for (one, first), (other, second) in combinations(hands.items(), 2):
            for person in sorted((first & second) - {SYSTEM}):
                yield f"disbursement {attempt['disbursement_id']}", f"{person} {one} and {other} it (attempt {attempt['number']})"


SEPARATION_CHECKS = (_separate_steps, _separate_hands_on_a_hold, _separate_hands_of_a_payment)
