"""5. No one acts outside role and region; no one approves what they prepared."""

from datetime import datetime

from operations.verify.breach import Breach, Found, breaches
from operations.verify.facts import Facts, Row, case_of, grouped
from operations.verify.invariant_5_accounts import ACCOUNT_CHECKS
from operations.verify.invariant_5_approvals import APPROVAL_CHECKS
from operations.verify.invariant_5_people import PEOPLE_CHECKS
from operations.verify.invariant_5_providers import PROVIDER_CHECKS
from operations.verify.invariant_5_repairs import REPAIR_CHECKS
from operations.verify.invariant_5_separation import SEPARATION_CHECKS
from shared.kernel.vocabulary import PaymentMode

SYSTEM = "system"

BY_PEOPLE = frozenset({
    "CallPublished", "SchemeFilePublished", "CallExtended", "CallCorrected", "QuestionAnswered",
    "ApplicationSubmitted", "ApplicationReturned", "ApplicationWithdrawn", "EvaluatorDeclared",
    "AppealLodged", "AppealDecided", "VoucherAccepted", "OfferDeclined", "ChangeRequested", "ChangeDecided",
    "ProviderChanged", "AmountChangeRequested", "ReportSent", "ReportAccepted", "ReportReturned",
    "CapacityConfirmed", "CapacityChanged", "SessionBooked", "AttendanceRecorded", "AttendanceObjected", "AttendanceCorrected",
    "VoucherExtended", "VoucherSuspended", "VoucherResumed", "VoucherWithdrawn", "VoucherRevoked",
    "ClaimLodged", "ClaimAccepted", "ClaimReturned", "ClaimReplaced",
    "DisbursementPrepared", "DisbursementApproved", "BatchSealed", "RecoveryWrittenOff",
    "EnvelopeConfirmed", "EnvelopeChanged", "ErasureRequested", "SubjectErased", "LegalHoldPlaced", "LegalHoldLifted",
    "DisbursementRejectionConfirmed", "DisbursementCorrected", "BatchReleased", "VerdictOverruleProposed", "VerdictOverruled",
    "ApplicationReturnProposed", "PayeeAccountRegistered", "PayeeAccountProposed", "PayeeAccountConfirmed", "PayeeAccountRejected",
    "PersonRegistered", "ProfileChanged", "SignInsEnded", "PersonEnded", "RoleProposed", "RoleGranted", "RoleRefused", "RoleEnded",
    "RoleInvited", "RoleInvitationWithdrawn",
    "OrganisationRegistered", "OrganisationChanged", "UndertakingLinkRecorded",
    "MemberInvited", "InvitationWithdrawn", "MemberJoined", "MemberChanged", "MemberLeft",
})  # fmt: skip
"""Events that only a person may cause."""
BY_PLATFORM = frozenset({
    "CaseRemoved", "ApplicantMemberRecorded", "ApplicantInvited", "ExpressionChosen",
    "MilestoneReached", "CallClosed", "DrawCommitted", "EnvelopeOpened", "AwardGranted", "PlacedOnReserveList",
    "FundsReservationRequested", "FundsReserved", "FundsReservationRefused", "FundsCommitted", "VoucherNotFunded", "VoucherOffered",
    "AidReserved", "AidReservationRefused",
    "OfferLapsed", "VoucherIssued", "VoucherExpired", "VoucherClosed", "BatchSent", "DisbursementAccepted", "DisbursementRejected",
    "DisbursementOutcomeUnknown", "DisbursementPaid", "DisbursementReturned",
    "BankLineUnmatched", "BalanceReleased", "DepositAwaited", "DepositReceived", "FundsAdded", "VoucherValueChanged", "VoucherValueRefused",
    "ApplicationTasksCounted", "EvaluationTasksCounted", "VoucherTasksCounted", "PaymentTasksCounted",
})  # fmt: skip
"""Events that follow by rule; a person as the actor has bypassed the rules."""


def roles(facts: Facts) -> list[Breach]:
    checks = (_actors, _regions, _payees, _rankings, _conflicts, _readings, _write_offs, _releases)
    return breaches(
        5, (*checks, *SEPARATION_CHECKS, *APPROVAL_CHECKS, *ACCOUNT_CHECKS, *REPAIR_CHECKS, *PEOPLE_CHECKS, *PROVIDER_CHECKS), facts
    )


def _actors(facts: Facts) -> Found:
    for event in facts.events:
        if event.name in BY_PEOPLE and event.actor == SYSTEM and not event.body.get("carried_from"):
            yield case_of(event), f"{event} was not caused by a person"
        if event.name in BY_PLATFORM and event.actor != SYSTEM:
            yield case_of(event), f"{event} was caused by {event.actor}; it has to follow by rule"


def _regions(facts: Facts) -> Found:
    """Every event and row of a call is in the call's region."""
    region_of = {event.body["call_id"]: event.body["region"] for event in facts.named("CallPublished")}
    for event in facts.events:
        here, there = region_of.get(event.body.get("call_id")), event.body.get("region")
        if here is not None and here != there:
            yield case_of(event), f"{event} is in {there}; the call is in {here}"
    for table in ("applications.applications", "evaluation.cases", "evaluation.assignments", "vouchers.vouchers", "payments.vouchers"):
        for row in facts.rows(table):
            if row["region"] != region_of.get(row["call_id"], row["region"]):
                yield (
                    f"application {row.get('application_id', row.get('id'))}",
                    f"is in {table} with {row['region']}, not with its call's region",
                )
    experts = {(row["region"], row["id"]) for row in facts.rows("evaluation.evaluators")}
    for row in facts.rows("evaluation.assignments"):
        if (row["region"], row["evaluator_id"]) not in experts:
            yield (
                f"application {row['application_id']}",
                f"is assigned to {row['evaluator_id']}, who is not an evaluator of {row['region']}",
            )
    batches, disbursements = facts.by("payments.batches", "id"), facts.by("payments.disbursements", "id")
    for row in facts.rows("payments.transfers"):
        batch, disbursement = batches.get(row["batch_id"]), disbursements.get(row["disbursement_id"])
        if batch and disbursement and batch["region"] != disbursement["region"]:
            yield f"disbursement {disbursement['id']}", f"of {disbursement['region']} is paid by a batch of {batch['region']}"


def _payees(facts: Facts) -> Found:
    """The payee of a claim, and of each attempt, is the beneficiary, or a provider of the same region that is not the beneficiary."""
    payees, vouchers = facts.by("payments.payees", "id"), facts.by("payments.vouchers", "id")
    for claim in facts.rows("payments.claims"):
        payee, voucher = payees.get(claim["payee_id"]), vouchers.get(claim["voucher_id"])
        if payee is None or voucher is None:
            continue
        if claim["organisation_id"] != voucher["organisation_id"]:
            yield f"claim {claim['id']}", "was lodged by another organisation than the beneficiary"
        if problem := _payee_problem(payee, voucher):
            yield f"claim {claim['id']}", problem
    disbursements = facts.by("payments.disbursements", "id")
    for attempt in facts.rows("payments.attempts"):
        disbursement = disbursements.get(attempt["disbursement_id"], {})
        payee, voucher = payees.get(attempt["payee_id"]), vouchers.get(disbursement.get("voucher_id"))
        if payee and voucher and (problem := _payee_problem(payee, voucher)):
            yield f"disbursement {attempt['disbursement_id']}", f"attempt {attempt['number']} {problem}"


def _payee_problem(payee: Row, voucher: Row) -> str | None:
    if payee["region"] != voucher["region"]:
        return f"is to be paid to a payee of {payee['region']}; the voucher belongs to {voucher['region']}"
    own = payee["organisation_id"] == voucher["organisation_id"]
    if voucher["payment_mode"] == PaymentMode.PROVIDER_DIRECT:
        return "is to be paid to the beneficiary, although providers are paid directly" if own or payee["kind"] != "provider" else None
    return None if own else "is to be paid to another organisation than the beneficiary"


def _rankings(facts: Facts) -> Found:
    """An evaluator who scored in a call does not approve its list."""
    scorers = {(row["call_id"], row["evaluator_id"]) for row in facts.rows("evaluation.assignments") if row["state"] == "scored"}
    methods = {row["id"]: row["policy_id"] for row in facts.rows("evaluation.calls")}
    approvers = {(row["call_id"], row["approved_by"]) for row in facts.rows("evaluation.rankings")}
    approvers |= {(event.body["call_id"], event.actor) for event in facts.named("RankingApproved", "RankingRevised")}
    for call, approver in sorted(approvers):
        if (call, approver) in scorers:
            yield f"call {call}", f"{approver} scored in it and approved its list"
        policy = facts.policies.get(methods.get(call, ""))
        if approver == SYSTEM and policy is not None and policy.selection.approval == "officer":
            yield f"call {call}", "its list was not approved by a person"


def _conflicts(facts: Facts) -> Found:
    """No score comes from an evaluator with a conflict of interest known at that time, or from a recused one."""
    relations = {
        event.body["application_id"]: {relation["hash"] for relation in event.body["relations"]}
        for event in facts.named("ApplicationFoundEligible")
    }
    own = {
        (row["region"], row["id"]): {key: row["relations_since"].get(key, "") for keys in row["relations"].values() for key in keys}
        for row in facts.rows("evaluation.evaluators")
    }
    recused = {event.body["assignment_id"] for event in facts.named("EvaluatorRecused")}
    for row in facts.rows("evaluation.assignments"):
        if row["state"] != "scored":
            continue
        since = own.get((row["region"], row["evaluator_id"]), {})
        shared = since.keys() & relations.get(row["application_id"], set())
        if any(not since[key] or datetime.fromisoformat(since[key]) <= row["scored_at"] for key in shared):
            yield f"application {row['application_id']}", f"was scored by {row['evaluator_id']}, who has a conflict of interest"
        if row["id"] in recused:
            yield f"application {row['application_id']}", f"was scored by {row['evaluator_id']}, who was recused"


def _readings(facts: Facts) -> Found:
    """No evaluator knew who applies before the declaration, or at all where the policy is blind."""
    policies = {row["id"]: facts.policies.get(row["policy_id"]) for row in facts.rows("evaluation.calls")}
    readings = grouped(facts.rows("applications.access_log"), lambda row: (row["subject_id"], row["reader"]))
    for row in facts.rows("evaluation.assignments"):
        policy = policies.get(row["call_id"])
        blind = policy is not None and policy.evaluation is not None and policy.evaluation.blind
        since = None if blind else row["declared_at"]
        for reading in readings.get((row["application_id"], row["evaluator_id"]), []):
            if reading["shown"] == "whole" and row["assigned_at"] <= reading["at"] and (since is None or reading["at"] < since):
                why = "the policy is blind" if blind else "without a declaration"
                yield f"application {row['application_id']}", f"{row['evaluator_id']} read all of it while evaluating: {why}"


def _write_offs(facts: Facts) -> Found:
    ordered = {event.body["recovery_id"]: event.actor for event in facts.named("RecoveryOrdered")}
    for event in facts.named("RecoveryWrittenOff"):
        if ordered.get(event.body["recovery_id"]) == event.actor:
            yield case_of(event), f"{event.actor} ordered it and wrote it off"


def _releases(facts: Facts) -> Found:
    """A person released each payment file that was given to the bank, and the bytes that were released. A file that was found after a
    restore was released before it, and payments were held when it was found. That another person sealed it: `invariant_5_separation.py`."""
    holds = [(row["since"], row["lifted_at"]) for row in facts.rows("payments.holds")]
    released = {event.body["batch_id"]: event for event in facts.named("BatchReleased") if event.genuine}
    for row in facts.rows("payments.batches"):
        release = released.get(row["id"])
        if row["state"] != "sealed" and release is None and not row["imported_at"]:
            yield f"batch {row['id']}", "was given out, but no person released it"
        found = row["imported_at"]
        if found and not any(since <= found and (lifted is None or found <= lifted) for since, lifted in holds):
            yield f"batch {row['id']}", "counts as found after a restore, but payments were not held then"
        if release is not None and release.body["file_hash"] != row["file_hash"]:
            yield f"batch {row['id']}", "its file is another one than the one that was released"
