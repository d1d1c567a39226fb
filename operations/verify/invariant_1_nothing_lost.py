"""1. Everything that was accepted is in the database, has its event, and reached every service that consumes it."""

from typing import NamedTuple

from operations.verify.breach import Breach, Found, breaches
from operations.verify.consumers import CONSUMERS
from operations.verify.facts import Facts, Logged, case_of, grouped
from operations.verify.in_kind import calls_in_kind
from operations.verify.invariant_1_files import FILE_CHECKS
from operations.verify.invariant_1_removed import REMOVAL_CHECKS
from shared.kernel.services import SERVICES


class RowsAndEvents(NamedTuple):
    """The values of `column` in `table` and of `field` in these events must be the same set."""

    table: str
    column: str
    events: tuple[str, ...]
    field: str


PUBLISHED = (
    RowsAndEvents("applications.calls", "id", ("CallPublished",), "call_id"),
    RowsAndEvents("evaluation.assignments", "id", ("EvaluatorAssigned",), "assignment_id"),
    RowsAndEvents("evaluation.rankings", "call_id", ("RankingApproved",), "call_id"),
    RowsAndEvents("vouchers.vouchers", "id", ("FundsReservationRequested",), "voucher_id"),
    RowsAndEvents("payments.envelopes", "call_id", ("EnvelopeOpened",), "call_id"),
    RowsAndEvents("payments.vouchers", "id", ("FundsReserved", "FundsReservationRefused"), "voucher_id"),
    RowsAndEvents("payments.claims", "id", ("ClaimLodged", "BalanceReleased"), "claim_id"),
    RowsAndEvents("payments.disbursements", "id", ("DisbursementPrepared",), "disbursement_id"),
    RowsAndEvents("payments.batches", "id", ("BatchSealed",), "batch_id"),
    RowsAndEvents("payments.recoveries", "id", ("RecoveryOrdered",), "recovery_id"),
)
CONSUMED = (
    RowsAndEvents("evaluation.calls", "id", ("CallPublished",), "call_id"),
    RowsAndEvents("payments.envelopes", "call_id", ("CallPublished",), "call_id"),
    RowsAndEvents("evaluation.cases", "application_id", ("ApplicationFoundEligible",), "application_id"),
    RowsAndEvents("applications.readers", "assignment_id", ("EvaluatorAssigned", "EvaluatorDeclared", "EvaluatorRecused"), "assignment_id"),
    RowsAndEvents("vouchers.vouchers", "award_id", ("AwardGranted",), "award_id"),
    RowsAndEvents("payments.vouchers", "id", ("FundsReservationRequested",), "voucher_id"),
    RowsAndEvents("vouchers.redemptions", "disbursement_id", ("DisbursementPaid", "DisbursementReturned"), "disbursement_id"),
)
"""As PUBLISHED, but the event is another service's, so that its effect may still be in flight."""

STATES = {
    "applications.applications": ("application_id", {
        "ApplicationSubmitted": "submitted", "ApplicationReturned": "returned", "ApplicationWithdrawn": "withdrawn",
        "ApplicationFoundEligible": "eligible", "ApplicationFoundIneligible": "ineligible",
    }),
    "payments.claims": ("claim_id", {
        "ClaimLodged": "lodged", "ClaimAccepted": "accepted", "ClaimReturned": "returned", "ClaimReplaced": "replaced",
        "ClaimRejected": "rejected", "BalanceReleased": "accepted",
    }),
    "payments.recoveries": ("recovery_id", {
        "RecoveryOrdered": "ordered", "RecoverySettled": "settled", "RecoveryReopened": "ordered",
        "RecoveryWrittenOff": "written-off",
    }),
}  # fmt: skip
"""Table → the id field of the events, and the state that each event leads to; the last event gives the row's state."""


def nothing_lost(facts: Facts) -> list[Breach]:
    accepted = (_submissions, _sequences, _imports, _answered_requests, _published_rows, _states)
    checks = (*accepted, _consumed_rows, _suspended, _relayed, _delivered, _undelivered, _unknown, *REMOVAL_CHECKS, *FILE_CHECKS)
    return breaches(1, checks, facts)


def _submissions(facts: Facts) -> Found:
    """Each receipt has one event per revision, and each event has its receipt."""
    submitted = grouped(facts.named("ApplicationSubmitted"), lambda event: event.body["application_id"])
    for row in facts.rows("applications.applications"):
        events = submitted.pop(row["id"], [])
        revisions = sorted(event.body["revision"] for event in events)
        if row["sequence"] is not None and revisions != list(range(1, row["revision"] + 1)):
            yield (
                f"application {row['id']}",
                f"receipt {row['receipt']}: {row['revision']} submissions, events for {revisions}",
            )
        last = max(events, key=lambda event: event.body["revision"], default=None)
        if last and ({event.body["receipt"] for event in events}, last.body["sequence"]) != ({row["receipt"]}, row["sequence"]):
            yield f"application {row['id']}", "row and event differ in receipt or sequence"
    for application in submitted:
        yield f"application {application}", "was submitted according to the log, but has no row"


def _sequences(facts: Facts) -> Found:
    """The sequence numbers of a call have no gap: a missing number is a lost submission. A number that an application had before it lost
    its place is in the event of its correction."""
    moved = grouped(facts.named("ApplicationSubmitted"), lambda event: event.body["call_id"])
    by_call = grouped(facts.rows("applications.applications"), lambda row: row["call_id"])
    for call in facts.rows("applications.calls"):
        before = [event.body["previous_sequence"] for event in moved.get(call["id"], []) if event.body.get("previous_sequence")]
        numbers = sorted([row["sequence"] for row in by_call.get(call["id"], []) if row["sequence"] is not None] + before)
        if numbers != list(range(1, call["submitted"] + 1)):
            yield f"call {call['id']}", f"counts {call['submitted']} submissions; their numbers are not 1 to {call['submitted']}"


def _imports(facts: Facts) -> Found:
    submitted = {event.body["application_id"] for event in facts.named("ApplicationSubmitted")}
    for row in facts.rows("applications.imports"):
        if row["application_id"] not in submitted:
            yield f"application {row['application_id']}", f"row {row['row_key']} was imported, but never submitted"


def _answered_requests(facts: Facts) -> Found:
    """What a request with an idempotency key has created exists."""
    for service in SERVICES:
        tables = [rows for name, rows in facts.tables.items() if name.startswith(f"{service}.")]
        ids = {row.get("id") for rows in tables for row in rows}
        for row in facts.rows(f"{service}.idempotency"):
            if row["made"] is None:
                yield f"request {row['key']}", f"{row['route']} of {service} has an answer without an id"
            elif row["made"] not in ids:
                yield f"request {row['key']}", f"{row['route']} of {service} was answered with {row['made']}, which does not exist"


def _published_rows(facts: Facts) -> Found:
    for pair in PUBLISHED:
        rows, events = _both(facts, pair)
        for missing in rows - events:
            yield f"{_noun(pair)} {missing}", f"has a row in {pair.table}, but no {' or '.join(pair.events)}"
        for missing in events - rows:
            yield f"{_noun(pair)} {missing}", f"has {' or '.join(pair.events)}, but no row in {pair.table}"


def _consumed_rows(facts: Facts) -> Found:
    for pair in CONSUMED:
        rows, events = _both(facts, pair)
        for missing in events - rows:
            yield f"{_noun(pair)} {missing}", f"{pair.events[0]} has left no row in {pair.table}", True
        for missing in rows - events:
            yield f"{_noun(pair)} {missing}", f"has a row in {pair.table}, but no {' or '.join(pair.events)}"


def _suspended(facts: Facts) -> Found:
    """A voucher is suspended in payments exactly when the last suspension or resumption says so."""
    last = {event.body["voucher_id"]: event.name == "VoucherSuspended" for event in facts.named("VoucherSuspended", "VoucherResumed")}
    for row in facts.rows("payments.vouchers"):
        if row["suspended"] != last.get(row["id"], False):
            yield f"voucher {row['id']}", f"suspended is {row['suspended']} in payments; the last event of vouchers says otherwise", True


def _both(facts: Facts, pair: RowsAndEvents) -> tuple[set[str], set[str]]:
    """Calls that give no money ask payments for nothing, and have nothing there."""
    apart = calls_in_kind(facts) if pair.table.startswith("payments.") or pair.events == ("FundsReservationRequested",) else frozenset()
    rows = {row[pair.column] for row in facts.rows(pair.table) if row.get("call_id") not in apart}
    return rows, {event.body[pair.field] for event in facts.named(*pair.events) if event.body.get("call_id") not in apart}


def _noun(pair: RowsAndEvents) -> str:
    return pair.field.removesuffix("_id")


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


def _relayed(facts: Facts) -> Found:
    for event in facts.events:
        if not event.published:
            yield case_of(event), f"{event} of {event.service} is still unpublished in the outbox", True


def _delivered(facts: Facts) -> Found:
    for service, names in CONSUMERS.items():
        received = {row["event_id"] for row in facts.rows(f"{service}.inbox")}
        received |= {row["event_id"] for row in facts.rows(f"{service}.parked")} | {
            row["id"] for row in facts.rows(f"{service}.dead_letters")
        }
        for event in facts.named(*names):
            if event.published and event.event_id not in received:
                yield case_of(event), f"{event} never reached {service}", True


def _undelivered(facts: Facts) -> Found:
    known = {event.event_id: event for event in facts.events}
    for service in SERVICES:
        for row in facts.rows(f"{service}.parked"):
            case = _case(known, row["event_id"])
            yield case, f"{row['type']} {row['event_id']} is parked in {service} until an event of {row['awaits']} arrives", True
        for row in facts.rows(f"{service}.dead_letters"):
            yield _case(known, row["id"]), f"{row['type']} {row['id']} is a dead letter of {service}: {row['error']}"


def _unknown(facts: Facts) -> Found:
    """An effect of an event that no log holds: the log has lost the event, or it never happened."""
    known = {event.event_id for event in facts.events}
    for service in SERVICES:
        for row in facts.rows(f"{service}.inbox"):
            if row["event_id"] not in known:
                yield f"event {row['event_id']}", f"took effect in {service}, but no log holds it"


def _case(known: dict[str, Logged], event_id: str) -> str:
    return case_of(known[event_id]) if event_id in known else f"event {event_id}"
