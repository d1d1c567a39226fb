"""1. What was accepted is in the database, has its event, and reached every service that needs it."""

from typing import NamedTuple

from operations.verify.breach import Breach, Found, breaches
from operations.verify.consumers import CONSUMERS
from operations.verify.facts import SERVICES, Facts, Logged, case_of, grouped


class Witness(NamedTuple):
    """Rows of `table` and events of the same service must tell of the same things: `column` of the one is `field` of the other."""

    table: str
    column: str
    events: tuple[str, ...]
    field: str


WITNESSES = (
    Witness("applications.calls", "id", ("CallPublished",), "call_id"),
    Witness("evaluation.assignments", "id", ("EvaluatorAssigned",), "assignment_id"),
    Witness("evaluation.rankings", "call_id", ("RankingApproved",), "call_id"),
    Witness("vouchers.vouchers", "id", ("FundsReservationRequested",), "voucher_id"),
    Witness("payments.envelopes", "call_id", ("EnvelopeOpened",), "call_id"),
    Witness("payments.vouchers", "id", ("FundsReserved", "FundsReservationRefused"), "voucher_id"),
    Witness("payments.claims", "id", ("ClaimLodged",), "claim_id"),
    Witness("payments.disbursements", "id", ("DisbursementPrepared",), "disbursement_id"),
    Witness("payments.batches", "id", ("BatchSealed",), "batch_id"),
    Witness("payments.recoveries", "id", ("RecoveryOrdered",), "recovery_id"),
)
ECHOES = (
    Witness("evaluation.calls", "id", ("CallPublished",), "call_id"),
    Witness("payments.envelopes", "call_id", ("CallPublished",), "call_id"),
    Witness("evaluation.cases", "application_id", ("ApplicationFoundEligible",), "application_id"),
    Witness("applications.readers", "assignment_id", ("EvaluatorAssigned", "EvaluatorRecused"), "assignment_id"),
    Witness("vouchers.vouchers", "award_id", ("AwardGranted",), "award_id"),
    Witness("payments.vouchers", "id", ("FundsReservationRequested",), "voucher_id"),
    Witness("vouchers.redemptions", "disbursement_id", ("DisbursementPaid", "DisbursementReturned"), "disbursement_id"),
)
"""As WITNESSES, but the event is another service's: its effect may be on its way."""

STATES = {
    "applications.applications": ("application_id", {
        "ApplicationSubmitted": "submitted", "ApplicationReturned": "returned", "ApplicationWithdrawn": "withdrawn",
        "ApplicationFoundEligible": "eligible", "ApplicationFoundIneligible": "ineligible",
    }),
    "payments.claims": ("claim_id", {"ClaimLodged": "lodged", "ClaimAccepted": "accepted", "ClaimRejected": "rejected"}),
    "payments.recoveries": ("recovery_id", {
        "RecoveryOrdered": "ordered", "RecoverySettled": "settled", "RecoveryWrittenOff": "written-off",
    }),
}  # fmt: skip
"""Table → the events' id field, and the state that each event leads to: the last one tells the row's state."""


def nothing_lost(facts: Facts) -> list[Breach]:
    accepted = (_submissions, _sequences, _imports, _answered_requests, _witnessed, _states)
    checks = (*accepted, _echoed, _suspended, _published, _delivered, _stuck, _unknown)
    return breaches(1, checks, facts)


def _submissions(facts: Facts) -> Found:
    """Each receipt given has its events, one per revision, and each event its receipt."""
    told = grouped(facts.named("ApplicationSubmitted"), lambda event: event.body["application_id"])
    for row in facts.rows("applications.applications"):
        events = told.pop(row["id"], [])
        revisions = sorted(event.body["revision"] for event in events)
        if row["sequence"] is not None and revisions != list(range(1, row["revision"] + 1)):
            yield f"application {row['id']}", f"receipt {row['receipt']}: {row['revision']} submissions, events of {revisions}"
        if any((event.body["receipt"], event.body["sequence"]) != (row["receipt"], row["sequence"]) for event in events):
            yield f"application {row['id']}", "row and event name another receipt or sequence"
    for application in told:
        yield f"application {application}", "was submitted, says the log; there is no row"


def _sequences(facts: Facts) -> Found:
    """Numbers without gaps: a missing one is a submission that is gone."""
    by_call = grouped(facts.rows("applications.applications"), lambda row: row["call_id"])
    for call in facts.rows("applications.calls"):
        numbers = sorted(row["sequence"] for row in by_call.get(call["id"], []) if row["sequence"] is not None)
        if numbers != list(range(1, call["submitted"] + 1)):
            yield f"call {call['id']}", f"counts {call['submitted']} submissions; their numbers are not 1 to {call['submitted']}"


def _imports(facts: Facts) -> Found:
    submitted = {event.body["application_id"] for event in facts.named("ApplicationSubmitted")}
    for row in facts.rows("applications.imports"):
        if row["application_id"] not in submitted:
            yield f"application {row['application_id']}", f"row {row['row_key']} was imported, but never submitted"


def _answered_requests(facts: Facts) -> Found:
    """What a request with an idempotency key was answered with is there."""
    for service in SERVICES:
        tables = [rows for name, rows in facts.tables.items() if name.startswith(f"{service}.")]
        ids = {row.get("id") for rows in tables for row in rows}
        for row in facts.rows(f"{service}.idempotency"):
            if row["made"] is None:
                yield f"request {row['key']}", f"{row['route']} of {service} was answered with nothing"
            elif row["made"] not in ids:
                yield f"request {row['key']}", f"{row['route']} of {service} was answered with {row['made']}, which is not there"


def _witnessed(facts: Facts) -> Found:
    for witness in WITNESSES:
        rows, told = _both(facts, witness)
        for lost in rows - told:
            yield f"{_noun(witness)} {lost}", f"stands in {witness.table} without its {' or '.join(witness.events)}"
        for lost in told - rows:
            yield f"{_noun(witness)} {lost}", f"{' or '.join(witness.events)} was told, but nothing stands in {witness.table}"


def _echoed(facts: Facts) -> Found:
    for echo in ECHOES:
        rows, told = _both(facts, echo)
        for lost in told - rows:
            yield f"{_noun(echo)} {lost}", f"{echo.events[0]} left nothing in {echo.table}", True
        for invented in rows - told:
            yield f"{_noun(echo)} {invented}", f"stands in {echo.table}, but no {' or '.join(echo.events)} was ever told"


def _suspended(facts: Facts) -> Found:
    """What payments holds back is what the officers want held back, as they said last."""
    last = {event.body["voucher_id"]: event.name == "VoucherSuspended" for event in facts.named("VoucherSuspended", "VoucherResumed")}
    for row in facts.rows("payments.vouchers"):
        if row["suspended"] != last.get(row["id"], False):
            yield f"voucher {row['id']}", f"suspended is {row['suspended']} in payments, against the last word of vouchers", True


def _both(facts: Facts, witness: Witness) -> tuple[set[str], set[str]]:
    return {row[witness.column] for row in facts.rows(witness.table)}, {event.body[witness.field] for event in facts.named(*witness.events)}


def _noun(witness: Witness) -> str:
    return witness.field.removesuffix("_id")


def _states(facts: Facts) -> Found:
    for table, (field, states) in STATES.items():
        last = {event.body[field]: states[event.name] for event in facts.named(*states)}
        for row in facts.rows(table):
            if row["id"] in last and row["state"] != last[row["id"]]:
                yield f"{field.removesuffix('_id')} {row['id']}", f"is {row['state']}, but by its last event {last[row['id']]}"
    closed = {event.body["voucher_id"]: event.body["outcome"] for event in facts.named("VoucherClosed")}
    for row in facts.rows("vouchers.vouchers"):
        if (row["outcome"] if row["state"] == "closed" else None) != closed.get(row["id"]):
            yield f"voucher {row['id']}", f"is {row['state']} ({row['outcome']}), but VoucherClosed says {closed.get(row['id'])}"


def _published(facts: Facts) -> Found:
    for event in facts.events:
        if not event.published:
            yield case_of(event), f"{event} of {event.service} has not left the outbox", True


def _delivered(facts: Facts) -> Found:
    for service, names in CONSUMERS.items():
        had = {row["event_id"] for row in facts.rows(f"{service}.inbox")}
        had |= {row["event_id"] for row in facts.rows(f"{service}.parked")} | {row["id"] for row in facts.rows(f"{service}.dead_letters")}
        for event in facts.named(*names):
            if event.published and event.event_id not in had:
                yield case_of(event), f"{event} never reached {service}", True


def _stuck(facts: Facts) -> Found:
    known = {event.event_id: event for event in facts.events}
    for service in SERVICES:
        for row in facts.rows(f"{service}.parked"):
            case = _case(known, row["event_id"])
            yield case, f"{row['type']} {row['event_id']} is parked in {service}: it waits for {row['awaits']}", True
        for row in facts.rows(f"{service}.dead_letters"):
            yield _case(known, row["id"]), f"{row['type']} {row['id']} is a dead letter of {service}: {row['error']}"


def _unknown(facts: Facts) -> Found:
    """An effect of an event that no log holds: the log has lost it, or it was never true."""
    known = {event.event_id for event in facts.events}
    for service in SERVICES:
        for row in facts.rows(f"{service}.inbox"):
            if row["event_id"] not in known:
                yield f"event {row['event_id']}", f"took effect in {service}, but no log holds it"


def _case(known: dict[str, Logged], event_id: str) -> str:
    return case_of(known[event_id]) if event_id in known else f"event {event_id}"
