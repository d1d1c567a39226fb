"""4. Each application has exactly one decision in force, and it follows from the input in any order."""

import hashlib
from collections.abc import Iterable
from itertools import pairwise

from operations.verify.breach import Breach, Found, breaches
from operations.verify.facts import Facts, Logged, grouped
from operations.verify.invariant_4_invitations import carried, invitations
from operations.verify.invariant_4_queue import queues
from operations.verify.invariant_4_ranking import rankings
from operations.verify.invariant_4_reserve import reserves

OUTCOMES = {"AwardGranted": "granted", "ExpressionChosen": "invited", "PlacedOnReserveList": "reserve", "AwardRefused": "refused"}


def one_decision(facts: Facts) -> list[Breach]:
    checks = (_eligibility, _screenings, _supersessions, _in_force, _complete, rankings, queues, reserves, invitations, carried)
    return breaches(4, checks, facts)


def _eligibility(facts: Facts) -> Found:
    """Each application is found eligible or ineligible once, and only after its submission."""
    submitted = {event.body["application_id"] for event in facts.named("ApplicationSubmitted")}
    findings = grouped(facts.named("ApplicationFoundEligible", "ApplicationFoundIneligible"), lambda event: event.body["application_id"])
    for application, events in findings.items():
        if len(events) > 1:
            yield f"application {application}", f"was screened {len(events)} times: {', '.join(event.name for event in events)}"
        if application not in submitted:
            yield f"application {application}", "was screened, but never submitted"


def _screenings(facts: Facts) -> Found:
    """ScreeningCompleted names exactly the applications that were eligible and not withdrawn at that event."""
    competing: dict[str, set[str]] = {}
    for event in facts.named("ApplicationFoundEligible", "ApplicationWithdrawn", "ScreeningCompleted"):
        ids = competing.setdefault(event.body["call_id"], set())
        if event.name == "ApplicationFoundEligible":
            ids.add(event.body["application_id"])
        elif event.name == "ApplicationWithdrawn":
            ids.discard(event.body["application_id"])
        elif (event.body["eligible"], event.body["eligible_hash"]) != (len(ids), _hash(ids)):
            yield (
                f"call {event.body['call_id']}",
                f"{event} names {event.body['eligible']} as eligible; the log has {len(ids)}, or other ones",
            )


def _hash(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def _decisions(facts: Facts) -> dict[str, list[Logged]]:
    return grouped(facts.named(*OUTCOMES), lambda event: event.body["application_id"])


def _supersessions(facts: Facts) -> Found:
    """A reserve decision is superseded at most once, an award only when it was not funded, a refusal never."""
    not_funded = {event.body["award_id"] for event in facts.named("VoucherNotFunded")}
    found_eligible = {event.body["application_id"] for event in facts.named("ApplicationFoundEligible")}
    for application, events in _decisions(facts).items():
        if application not in found_eligible:
            yield f"application {application}", f"was decided ({events[0].name}), but never found eligible"
        for before, after in pairwise(events):
            unfunded = before.name == "AwardGranted" and before.body["award_id"] in not_funded
            reserve_again = before.name == after.name == "PlacedOnReserveList"
            if not (unfunded or (before.name == "PlacedOnReserveList" and not reserve_again)):
                yield f"application {application}", f"{before.name} was in force, but {after} followed"


def _in_force(facts: Facts) -> Found:
    """The table has one decision in force, that of the last event, and the applicant sees the same."""
    table = grouped(facts.rows("evaluation.decisions"), lambda row: row["application_id"])
    decisions = _decisions(facts)
    for application in sorted(table.keys() | decisions.keys()):
        rows = sorted(table.get(application, []), key=lambda row: row["number"])
        in_force = [row["outcome"] for row in rows if row["superseded_at"] is None]
        outcomes = [OUTCOMES[event.name] for event in decisions.get(application, [])]
        if len(in_force) != 1:
            yield f"application {application}", f"has {len(in_force)} decisions in force: {', '.join(in_force) or 'none'}"
        if [row["outcome"] for row in rows] != outcomes:
            yield f"application {application}", f"decisions are {[row['outcome'] for row in rows]} in the table, {outcomes} in the events"
        shown = facts.applications.get(application)
        if shown is not None and outcomes and shown["decision"] != outcomes[-1]:
            yield f"application {application}", f"the applicant is shown {shown['decision']}; in force is {outcomes[-1]}", True


def _complete(facts: Facts) -> Found:
    """Every submission is screened; every eligible application has a final decision, every other one has none."""
    decisions = _decisions(facts)
    for row in facts.applications.values():
        subject, outcomes = f"application {row['id']}", [OUTCOMES[event.name] for event in decisions.get(row["id"], [])]
        if row["state"] in ("submitted", "returned"):
            yield subject, f"is {row['state']} and not screened yet", True
        elif row["state"] == "eligible" and not outcomes:
            yield subject, "is eligible and has no decision", True
        elif row["state"] == "eligible" and outcomes[-1] == "reserve":
            yield subject, "is still on the reserve list", True
        elif row["state"] in ("draft", "ineligible") and outcomes:
            yield subject, f"is {row['state']}, but was {outcomes[-1]}"
