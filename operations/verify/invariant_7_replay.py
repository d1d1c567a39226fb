"""7. Replaying any event changes nothing: what can happen once has happened once."""

from collections import Counter

from operations.verify.breach import Breach, Found, breaches
from operations.verify.corrections import corrected_sign
from operations.verify.facts import Facts, Logged, case_of, grouped, repeated
from shared.kernel.services import SERVICES


def _each(field: str, *names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names, tuple(field.split()))


ONCE: dict[str, tuple[str, ...]] = {
    **_each("call_id", "CallPublished", "CallOpened", "CallClosed", "ScreeningCompleted"),
    **_each("call_id", "EnvelopeOpened", "DrawCommitted", "RankingApproved"),
    **_each("call_id closes_at", "CallExtended"),
    **_each("application_id revision", "ApplicationSubmitted", "ApplicationReturned"),
    **_each("application_id", "ApplicationWithdrawn", "ApplicationFoundEligible", "ApplicationFoundIneligible"),
    **_each("application_id", "AwardRefused", "ExpressionChosen"),
    **_each("application_id invited_to", "ApplicantInvited"),
    **_each("application_id number", "EvaluationCompleted"),
    **_each("call_id number", "RankingRevised"),
    **_each("appeal_id", "AppealLodged", "AppealDecided"),
    **_each("assignment_id", "EvaluatorAssigned", "EvaluatorDeclared", "EvaluatorRecused"),
    **_each("application_id grant_number", "AwardGranted"),
    **_each("subject_id kind due_at", "MilestoneReached"),
    **_each("subject_id day", "ApplicationTasksCounted", "EvaluationTasksCounted", "VoucherTasksCounted", "PaymentTasksCounted"),
    **_each("call_id version", "CallCorrected"),
    **_each("question_id", "QuestionAnswered"),
    **_each(
        "voucher_id", "FundsReservationRequested", "FundsReserved", "FundsReservationRefused", "FundsCommitted", "FundsReleaseRequested",
        "VoucherNotFunded", "VoucherOffered", "VoucherAccepted", "OfferDeclined", "OfferLapsed", "VoucherIssued", "VoucherExpired",
        "VoucherWithdrawn", "VoucherRevoked", "VoucherSettled", "VoucherClosed", "DepositAwaited", "DepositReceived",
    ),
    **_each("booking_id", "SessionBooked", "BookingCancelled", "AttendanceRecorded", "AttendanceObjected", "AttendanceConfirmed"),
    **_each("call_id", "CapacityConfirmed"),
    **_each("voucher_id", "UnitsReserved", "UnitsReleased", "AidReserved", "AidReservationRefused"),
    **_each("voucher_id valid_until", "VoucherExtended"),
    **_each("claim_id", "ClaimLodged", "ClaimAccepted", "ClaimReturned", "ClaimReplaced", "ClaimRejected", "BalanceReleased"),
    **_each(
        "disbursement_id attempt", "DisbursementPrepared", "DisbursementCancelled", "DisbursementOutcomeUnknown",
    ),
    **_each(
        "disbursement_id attempt correction", "DisbursementAccepted", "DisbursementRejected", "DisbursementPaid", "DisbursementReturned",
        "DisbursementCorrected",
    ),
    **_each("change_id", "FundsAdded", "ProviderChanged", "AmountChangeRequested", "VoucherValueChanged", "VoucherValueRefused"),
    **_each("call_id change_id", "EnvelopeChanged", "CapacityChanged"),
    **_each("batch_id", "BatchSealed", "BatchSent"),
    **_each("recovery_id", "RecoveryOrdered"),
    **_each("recovery_id reopened", "RecoverySettled", "RecoveryWrittenOff", "RecoveryReopened"),
}  # fmt: skip
"""Event → the fields that identify one occurrence."""
MANY_OF_ONE_CAUSE = ("FundsReleased",)
"""A closing voucher releases several amounts at once; they are compared with the ledger instead."""

ENTRIES = {
    "opened": "EnvelopeOpened",
    "reserved": "FundsReserved",
    "committed": "FundsCommitted",
    "reservation-released": "FundsReleased",
    "commitment-released": "FundsReleased",
    "added": "FundsAdded",
    "paid": "DisbursementPaid",
    "returned": "DisbursementReturned",
    "recovered": "RecoverySettled",
    "paid-undone": "DisbursementCorrected",
    "returned-undone": "DisbursementCorrected",
    "recovered-undone": "RecoveryReopened",
}
"""Kind of ledger entry → its event; there are as many entries as events."""
BY_TWO_PERSONS = ("topped-up", "transferred-in", "transferred-out")
"""Older ones have no event: they are compared with the decisions instead (invariant 3), the events with what evaluation counts (4)."""


def replay(facts: Facts) -> list[Breach]:
    checks = (_once, _per_cause, _per_entry, _rows, _inboxes)
    return breaches(7, checks, facts)


def _once(facts: Facts) -> Found:
    for name, fields in ONCE.items():
        for events in grouped(facts.named(name), lambda event, fields=fields: tuple(event.body.get(field) for field in fields)).values():
            if len(events) > 1:
                yield case_of(events[0]), f"{name} was published {len(events)} times: {', '.join(event.event_id for event in events)}"


def _per_cause(facts: Facts) -> Found:
    """One event causes at most one event of a type for the same thing."""
    effects = (event for event in facts.events if event.causation_id and event.name not in MANY_OF_ONE_CAUSE)
    for events in grouped(effects, lambda event: (event.causation_id, event.type, *_thing(event.name, event.key, event.body))).values():
        if len(events) > 1:
            yield case_of(events[0]), f"event {events[0].causation_id} caused {len(events)} {events[0].name}"


def _thing(name: str, key: str, body: object) -> tuple[object, ...]:
    assert isinstance(body, dict)
    return (key, *(body.get(field) for field in ONCE.get(name, ())))


def _per_entry(facts: Facts) -> Found:
    """The ledger has one entry for each event that moved money."""
    entries = facts.rows("payments.entries")
    moved = (entry for entry in entries if entry["kind"] not in BY_TWO_PERSONS)
    booked = Counter((entry["voucher_id"] or entry["call_id"], ENTRIES.get(str(entry["kind"]), "event")) for entry in moved)
    published = Counter(
        (event.body.get("voucher_id") or event.body["call_id"], event.name)
        for event in facts.named(*set(ENTRIES.values()))
        if _moved_money(event)
    )
    for subject, name in sorted(booked.keys() | published.keys()):
        if booked[subject, name] != published[subject, name]:
            kind = "call" if name == "EnvelopeOpened" else "voucher"
            yield f"{kind} {subject}", f"{booked[subject, name]} ledger entries for {published[subject, name]} {name}"


def _moved_money(event: Logged) -> bool:
    """A return has already moved the money of a recovery that it closes, and its undoing of one that it opens. Only a booking or a return
    that is taken back moves any."""
    if event.name in ("RecoverySettled", "RecoveryReopened"):
        return event.reason != "returned-by-bank"
    return event.name != "DisbursementCorrected" or corrected_sign(event) != 0


def _rows(facts: Facts) -> Found:
    for table, column, subject in (
        ("vouchers.vouchers", "award_id", "award"),
        ("payments.disbursements", "claim_id", "claim"),
        ("applications.imports", "application_id", "application"),
        ("payments.transfers", "attempt_id", "attempt"),
    ):
        for twice in repeated(row[column] for row in facts.rows(table)):
            yield f"{subject} {twice}", f"is more than once in {table}"
    active = [row for row in facts.rows("evaluation.assignments") if row["state"] in ("assigned", "declared", "scored")]
    for application, seat in repeated((row["application_id"], row["seat"]) for row in active):
        yield f"application {application}", f"has several evaluators in seat {seat}"


def _inboxes(facts: Facts) -> Found:
    for service in SERVICES:
        for twice in repeated(row["event_id"] for row in facts.rows(f"{service}.inbox")):
            yield f"event {twice}", f"took effect more than once in {service}"
        for twice in repeated(event.event_id for event in facts.logs[service]):
            yield f"event {twice}", f"is more than once in the log of {service}"
