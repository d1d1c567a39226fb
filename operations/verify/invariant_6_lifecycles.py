"""6. Every lifecycle ends, along a legal path; every step has its actor, time, reason and rule version."""

from datetime import datetime
from itertools import pairwise

from operations.verify.breach import Breach, Found, breaches
from operations.verify.facts import Facts, case_of, grouped
from operations.verify.in_kind import calls_in_kind
from operations.verify.paths import PATHS, next_step, steps
from shared.kernel.vocabulary import MilestoneKind

PROOF_OF_END = {
    "not-funded": "FundsReservationRefused", "declined": "OfferDeclined", "lapsed": "OfferLapsed", "expired": "VoucherExpired",
    "settled": "VoucherSettled", "withdrawn": "VoucherWithdrawn", "revoked": "VoucherRevoked",
}  # fmt: skip
"""Outcome of a voucher → the event that it requires."""
WITHOUT_MONEY = {"not-funded": "VoucherNotFunded", "settled": "UnitsReleased"}
"""Of a voucher that is no money: payments says nothing about it."""
OF_NO_POLICY = (MilestoneKind.BANK_SILENCE, MilestoneKind.RETENTION_DUE)
TASKS = ("ApplicationTasksCounted", "EvaluationTasksCounted", "VoucherTasksCounted", "PaymentTasksCounted")
OF_AN_ORGANISATION = ("LegalHoldPlaced", "LegalHoldLifted", "ErasureRequested", "SubjectErased")
UNRULED = (*OF_AN_ORGANISATION, *TASKS, "SchemeFilePublished")
OVER = ("completed", "continued_as_new")


def lifecycles(facts: Facts) -> list[Breach]:
    checks = (_paths, _ends, _outcomes, _workflows, _attributes, pinned_rules, _order, _causes)
    return breaches(6, checks, facts)


def _paths(facts: Facts) -> Found:
    for kind, (field, path) in PATHS.items():
        for identity, events in grouped(facts.named(*steps(path)), lambda event, field=field: event.body[field]).items():
            state = ""
            for event in events:
                after = next_step(path[state], event)
                if after is None:
                    yield f"{kind} {identity}", f"{event} came in state '{state or 'not started'}'"
                    break
                state = after


def _ends(facts: Facts) -> Found:
    """Each award's voucher is closed, or its workflow is running."""
    closed = {event.body["voucher_id"] for event in facts.named("VoucherClosed")}
    vouchers = {row["award_id"]: row["id"] for row in facts.rows("vouchers.vouchers")}
    statuses = {workflow.id: workflow.status for workflow in facts.workflows or ()}
    for event in facts.named("AwardGranted"):
        award = event.body["award_id"]
        voucher = vouchers.get(award)
        if voucher in closed:
            continue
        status = statuses.get(f"voucher-{award}", "unknown to Temporal")
        subject = f"voucher {voucher}" if voucher else f"application {event.body['application_id']}"
        if facts.workflows is None or status == "running" or voucher is None:
            yield subject, f"the lifecycle of award {award} has not ended", True
        else:
            yield subject, f"is not closed, but the workflow of award {award} is {status}"


def _outcomes(facts: Facts) -> Found:
    calls = calls_in_kind(facts)
    proofs = {*PROOF_OF_END.values(), *WITHOUT_MONEY.values()}
    happened = grouped(facts.named(*sorted(proofs)), lambda event: event.body["voucher_id"])
    for event in facts.named("VoucherClosed"):
        needed = PROOF_OF_END | (WITHOUT_MONEY if event.body["call_id"] in calls else {})
        voucher, proof = event.body["voucher_id"], needed.get(event.body["outcome"], "no such outcome")
        if proof not in {each.name for each in happened.get(voucher, [])}:
            yield f"voucher {voucher}", f"was closed as {event.body['outcome']} without {proof}"


def _workflows(facts: Facts) -> Found:
    """No workflow has failed in its last run: one that was ended by hand is started again. With no work in flight, only calendars of calls
    with a date ahead and daily looks at regions are running."""
    waiting = {f"call-{call}" for call in _calls_with_dates_ahead(facts)}
    for workflow in {workflow.id: workflow for workflow in facts.workflows or ()}.values():
        if workflow.status == "running" and workflow.id not in waiting and not workflow.id.startswith("retention-"):
            yield f"workflow {workflow.id}", "is still running", True
        elif workflow.status not in ("running", *OVER):
            yield f"workflow {workflow.id}", f"has not completed: {workflow.status}"


def repeated_runs(facts: Facts) -> list[str]:
    """A note on the workflows that failed, or that somebody ended, and that have run again."""
    runs = grouped(facts.workflows or (), lambda workflow: workflow.id)
    ended = sorted(name for name, found in runs.items() if any(run.status not in ("running", *OVER) for run in found[:-1]))
    return [f"Workflows that failed or that somebody ended, and that were started again: {', '.join(ended)}."] if ended else []


def _calls_with_dates_ahead(facts: Facts) -> set[str]:
    """Calls whose reserve list ends after the latest event of any service."""
    latest = max((event.time for event in facts.events), default=None)
    ends = {event.body["call_id"]: event.body["reserve_list_ends_at"] for event in facts.named("CallPublished", "CallExtended")}
    return {call for call, end in ends.items() if latest is not None and datetime.fromisoformat(end) > latest}


def _attributes(facts: Facts) -> Found:
    """A batch may pay under several policies, a region has several, where tasks are counted too, and a hold or an erasure may be of an
    organisation: their events name none, nor do those by which rules are published. No policy governs who acts for whom."""
    for event in facts.events:
        of_none = event.service == "people" or event.name in UNRULED or event.body.get("kind") in OF_NO_POLICY
        stated = {"actor": event.actor, "reason": event.reason, "rule version": event.policy_id or of_none}
        missing = [name for name, value in stated.items() if not value]
        if missing:
            yield case_of(event), f"{event} has no {', '.join(missing)}"
        if event.policy_id and event.policy_id not in facts.policies:
            yield case_of(event), f"{event} was decided under {event.policy_id}, which is not a known policy"


def pinned_rules(facts: Facts) -> Found:
    """A case keeps the rule version of its submission. An invitation is by the rules of the call to which it leads."""
    calls = facts.by("applications.calls", "id")
    pinned = {event.body["application_id"]: event.policy_id for event in facts.named("ApplicationSubmitted") if event.body["revision"] == 1}
    for event in facts.events:
        rules = pinned.get(event.body.get("application_id"))
        if event.name == "ApplicantInvited":
            rules = calls.get(event.body["invited_to"], {}).get("policy_id")
        if rules is not None and event.policy_id not in ("", rules):
            yield case_of(event), f"{event} was decided under {event.policy_id}; it is a case of {rules}"


def _order(facts: Facts) -> Found:
    """The events of each aggregate are in the order of time."""
    for events in grouped(facts.events, lambda event: (event.service, event.topic, event.key)).values():
        for before, after in pairwise(events):
            if after.time < before.time:
                yield case_of(after), f"{after} of {after.time.isoformat()} is logged after {before} of {before.time.isoformat()}"


def _causes(facts: Facts) -> Found:
    """No event is dated before the one that caused it: then one of the two was dated by a wrong clock."""
    known = {event.event_id: event for event in facts.events}
    for event in facts.events:
        cause = known.get(event.causation_id or "")
        if cause is not None and event.time < cause.time - facts.clocks_apart:
            yield case_of(event), f"{event} of {event.time.isoformat()} is dated before its cause, {cause} of {cause.time.isoformat()}"
