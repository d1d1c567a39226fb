"""4, for two-step calls and rounds: nobody has an application in a call by invitation without an invitation that stands, or is carried into
a round without having waited in an earlier one."""

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row


def invitations(facts: Facts) -> Found:
    """An application there is on an invitation of its own organisation, and was first submitted before its end; an invitation follows from
    an expression of interest that was chosen, and an event said so."""
    calls = {call["id"] for call in facts.rows("applications.calls") if call["invites_from"]}
    rows = {(row["expression_id"], row["call_id"]): row for row in facts.rows("applications.invitations")}
    for application in facts.applications.values():
        if application["call_id"] not in calls:
            continue
        subject, row = f"application {application['id']}", rows.get((application["expression_id"], application["call_id"]))
        if row is None or row["organisation_id"] != application["organisation_id"]:
            yield subject, "is in a call by invitation, and its organisation is not invited"
        elif application["revision"] == 1 and row["ends_at"] is not None and application["submitted_at"] >= row["ends_at"]:
            yield subject, f"was submitted at {application['submitted_at']}, after the end of its invitation at {row['ends_at']}"
    chosen = {event.body["application_id"]: event.body["organisation_id"] for event in facts.named("ExpressionChosen")}
    published = {(event.body["application_id"], event.body["invited_to"]) for event in facts.named("ApplicantInvited")}
    for key, row in rows.items():
        if chosen.get(row["expression_id"]) != row["organisation_id"]:
            yield f"application {row['expression_id']}", "is invited to a call, but was not chosen"
        if key not in published:
            yield f"application {row['expression_id']}", "is invited to a call, and no event says so"


def carried(facts: Facts) -> Found:
    """An application that nobody submitted is of the organisation of one that waited on the reserve list of an earlier round to its end."""
    calls, applications = facts.by("applications.calls", "id"), facts.applications
    ended = {event.body["application_id"] for event in facts.named("AwardRefused") if "reserve-list-ended" in event.body["rules"]}
    for row in applications.values():
        source = applications.get(row["carried_from"] or "")
        if row["carried_from"] is None:
            continue
        if source is None or source["organisation_id"] != row["organisation_id"] or source["id"] not in ended:
            yield f"application {row['id']}", "was carried into a round, but its organisation has not waited to the end of a reserve list"
        elif not _is_later(calls[row["call_id"]], calls[source["call_id"]]):
            yield f"application {row['id']}", "was carried from a call that is no earlier round of its own"


def _is_later(call: Row, earlier: Row) -> bool:
    same = call["series"] is not None and (call["region"], call["series"]) == (earlier["region"], earlier["series"])
    return same and bool(call["round_number"] > earlier["round_number"])
