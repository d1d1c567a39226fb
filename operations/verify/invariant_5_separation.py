"""5, separation of duties: a table of its own over the events of all services, beside the one that the services consult."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import combinations, product

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row, grouped
from shared.kernel.ids import evaluator_subject

SYSTEM = "system"
APPLICATION = {"ApplicantJoined", "ApplicationSubmitted", "ApplicationWithdrawn"}
APPLICANT = APPLICATION | {"AppealLodged", "VoucherAccepted", "OfferDeclined", "VoucherWithdrawn", "ClaimLodged", "ClaimReplaced"}
OVERRULING, CONFIRMING = {"VerdictOverruleProposed"}, {"VerdictOverruled"}
SCREENING = {"ApplicationReturned", "ApplicationFoundEligible", "ApplicationFoundIneligible"} | OVERRULING | CONFIRMING
VOUCHER = {"VoucherExtended", "VoucherSuspended", "VoucherResumed", "VoucherRevoked"}
CLAIM_CHECK, PREPARING = {"ClaimAccepted", "ClaimReturned", "ClaimRejected"}, {"DisbursementPrepared", "DisbursementCancelled"}
PLACING, LIFTING = {"LegalHoldPlaced"}, {"LegalHoldLifted"}
REQUESTING, ERASING = {"ErasureRequested"}, {"SubjectErased"}
APPROVAL, ORDER, CLOSING = {"DisbursementApproved"}, {"RecoveryOrdered"}, {"RecoverySettled", "RecoveryWrittenOff", "RecoveryReopened"}
RESOLUTION = {"BankLineResolved", "DisbursementRejectionConfirmed", "DisbursementCorrected"}
PUBLICATION, IMPORT, SCORING, LIST_APPROVAL = (
    {"CallPublished", "CallExtended"},
    {"import"},
    {"EvaluatorAssigned"},
    {"RankingApproved", "RankingRevised"},
)
APPEAL_DECISION = {"AppealDecided"}
AGENCY = [
    PUBLICATION,
    IMPORT,
    SCREENING,
    SCORING,
    LIST_APPROVAL,
    APPEAL_DECISION,
    VOUCHER,
    CLAIM_CHECK,
    PREPARING,
    APPROVAL,
    ORDER,
    CLOSING,
    RESOLUTION,
]

IN_THE_CASE = [
    (IMPORT, SCREENING),
    (SCREENING, SCORING),
    (OVERRULING, CONFIRMING),
    (SCREENING, APPEAL_DECISION),
    (CLAIM_CHECK, APPROVAL),
    (ORDER, CLOSING),
    *((PREPARING, step) for step in (APPROVAL, RESOLUTION)),
]
BUDGET = {"EnvelopeConfirmed", "EnvelopeChanged", "CapacityConfirmed", "CapacityChanged"}
ACROSS_THE_CALL = [
    *((APPLICANT, step) for step in [*AGENCY, BUDGET]),
    *((step, LIST_APPROVAL) for step in (PUBLICATION, BUDGET, IMPORT, SCORING)),
    *((step, APPEAL_DECISION) for step in (SCORING, LIST_APPROVAL)),
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


def _separate_members(facts: Facts) -> Found:
    """Nobody who is recorded as a member of an applicant takes an agency step in its call from then on."""
    since: dict[tuple[str, str], datetime] = {}
    for event in facts.named("ApplicantMemberRecorded"):
        member = (event.body["call_id"], event.body["person_id"])
        since[member] = min(event.time, since.get(member, event.time))
    agency = set().union(*AGENCY, BUDGET)
    for event in facts.events:
        for person, step in _acts([event]) if event.body.get("call_id") else ():
            recorded = since.get((event.body["call_id"], person))
            if step in agency and recorded is not None and recorded < event.time:
                yield f"call {event.body['call_id']}", f"{person} is a member of an applicant and took a step of the agency: {step}"


def _separate_choices(facts: Facts) -> Found:
    """Nobody chose an evaluator of a call, by registering or changing one, who screened there or approved its list."""
    registrations = grouped(facts.rows("evaluation.registrations"), lambda row: row["subject_id"])
    screeners = grouped(facts.named(*SCREENING), lambda event: event.body["call_id"])
    approvals = grouped(facts.named(*LIST_APPROVAL), lambda event: event.body["call_id"])
    for event in facts.named("EvaluatorAssigned"):
        call, evaluator = event.body["call_id"], str(evaluator_subject(event.body["region"], event.body["evaluator_id"]))
        for row in registrations.get(evaluator, []):
            if row["at"] <= event.time and any(row["actor"] == other.actor for other in screeners.get(call, [])):
                yield f"application {event.case}", f"{row['actor']} registered an evaluator of the call and screened in it"
            if any(row["actor"] == other.actor and row["at"] <= other.time for other in approvals.get(call, [])):
                yield f"call {call}", f"{row['actor']} registered an evaluator of the call and approved its list"


def _separate_hands_on_a_hold(facts: Facts) -> Found:
    """Nobody lifts a hold who has placed one on the same subject."""
    for subject, events in grouped(facts.named("LegalHoldPlaced", "LegalHoldLifted"), lambda event: event.body["subject_id"]).items():
        yield from _breaches(f"subject {subject}", set(_acts(events)), [(PLACING, LIFTING)])


def _separate_hands_on_an_erasure(facts: Facts) -> Found:
    """Nobody confirms an erasure who has requested it, and none is confirmed that nobody has requested."""
    for erasure, events in grouped(facts.named("ErasureRequested", "SubjectErased"), lambda event: event.body["erasure_id"]).items():
        if not any(event.name == "ErasureRequested" for event in events):
            yield f"erasure {erasure}", "was confirmed, but nobody has requested it"
        yield from _breaches(f"erasure {erasure}", set(_acts(events)), [(REQUESTING, ERASING)])


def _breaches(subject: str, acts: set[Act], table: Iterable[tuple[set[str], set[str]]]) -> Found:
    for (person, one), (other_person, other) in product(acts, acts):
        if person == other_person and any(one in first and other in second for first, second in table):
            yield subject, f"{person} took two steps that need two persons: {one} and {other}"


def _separate_hands(facts: Facts) -> Found:
    """Who prepared, approved, sealed and released the payments of one voucher are different persons, and none of them set or confirmed the
    account that they paid to, or acted for an applicant in the call; each approval counts. Nobody who acted for the applicant of the case
    set a provider's account, or confirmed the account, that was paid."""
    vouchers, accounts = facts.by("payments.vouchers", "id"), grouped(facts.rows("payments.accounts"), lambda row: row["payee_id"])
    submitted = (event for event in facts.named(*APPLICANT) if not event.body.get("imported"))
    applied_for = list(submitted)
    applicants = grouped(applied_for, lambda event: event.body["call_id"])
    of_cases, payees = grouped(applied_for, lambda event: event.case), facts.by("payments.payees", "id")
    for voucher, payments in _hands_by_voucher(facts).items():
        of_case: Hands = {}
        for attempt, hands in payments:
            versions = [row for row in accounts.get(attempt["payee_id"], []) if row["version"] <= attempt["account_version"]]
            of_account = {"set": {row["set_by"] for row in versions}, "confirmed": {row["confirmed_by"] for row in versions} - {None}}
            yield from _in_common(f"disbursement {attempt['disbursement_id']}", combinations(of_account.items(), 2))
            yield from _in_common(f"disbursement {attempt['disbursement_id']}", product(of_account.items(), hands.items()))
            own = {event.actor for event in of_cases.get(vouchers.get(voucher, {}).get("application_id", ""), [])}
            if payees.get(attempt["payee_id"], {}).get("kind") != "provider":
                of_account.pop("set")  # a beneficiary sets its own account
            both = product([("applied", own)], of_account.items())
            yield from _in_common(f"disbursement {attempt['disbursement_id']}", both)
            for step, persons in hands.items():
                of_case[step] = of_case.get(step, set()) | persons
        yield from _in_common(f"voucher {voucher}", combinations(of_case.items(), 2))
        applied = {event.actor for event in applicants.get(vouchers.get(voucher, {}).get("call_id", ""), [])}
        yield from _in_common(f"voucher {voucher}", (((step, persons), ("applied", applied)) for step, persons in of_case.items()))


Hands = dict[str, set[str]]
"""Step → the persons who took it."""


def _hands_by_voucher(facts: Facts) -> dict[str, list[tuple[Row, Hands]]]:
    """Each attempt to pay with its hands. Not one that was made from a payment file after a restore: the steps before it are lost."""
    sealers = {event.body["batch_id"]: {event.actor} for event in facts.named("BatchSealed")}
    releasers = {event.body["batch_id"]: {event.actor} for event in facts.named("BatchReleased")}
    approvals = grouped(facts.rows("payments.approvals"), lambda row: row["attempt_id"])
    imported = {row["id"] for row in facts.rows("payments.batches") if row["imported_at"]}
    disbursements, found = facts.by("payments.disbursements", "id"), dict[str, list[tuple[Row, Hands]]]()
    for attempt in facts.rows("payments.attempts"):
        if attempt["batch_id"] not in imported:
            hands = {
                "prepared": {attempt["prepared_by"]},
                "approved": {row["approver"] for row in approvals.get(attempt["id"], [])},
                "sealed": sealers.get(attempt["batch_id"], set()),
                "released": releasers.get(attempt["batch_id"], set()),
            }
            voucher = disbursements.get(attempt["disbursement_id"], {}).get("voucher_id", "")
            found.setdefault(voucher, []).append((attempt, hands))
    return found


def _in_common(subject: str, pairs: Iterable[tuple[tuple[str, set[str]], tuple[str, set[str]]]]) -> Found:
    for (one, first), (other, second) in pairs:
        for person in sorted((first & second) - {SYSTEM}):
            yield subject, f"{person} took two hands of a payment: {one} and {other}"


SEPARATION_CHECKS = (
    _separate_steps, _separate_members, _separate_choices, _separate_hands_on_a_hold, _separate_hands_on_an_erasure, _separate_hands,
)  # fmt: skip
