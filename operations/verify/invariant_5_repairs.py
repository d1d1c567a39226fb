"""5, for corrections: an application is returned, and rewritten, only for what the policy lists; substance needs two officers."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, grouped
from shared.kernel.vocabulary import SelectionMethod

LISTED = (
    "language", "applicant.email", "applicant.street", "applicant.postcode", "applicant.town", "project.summary", "project.topics",
    "project.s3_field", "project.partner_region", "de_minimis", "extra",
)  # fmt: skip
"""What an application may be returned for where the policy has no list."""
SUBSTANCE = (
    "costs", "firm", "applicant.name", "applicant.tax_number", "applicant.country", "applicant.nuts", "applicant.activity_code",
    "applicant.owners", "project.title", "project.starts_on", "project.ends_on",
)  # fmt: skip

_AGREEING = ("costs", "extra", "project.starts_on", "project.ends_on", "applicant.activity_code", "applicant.activity_revision")
"""Answers of which one may have to agree with another."""


def _returns(facts: Facts) -> Found:
    """Each return is for listed answers; for substance after the close, a second officer confirmed what the first had proposed."""
    calls = {event.body["call_id"]: event for event in facts.named("CallPublished", "CallExtended")}
    proposed = grouped(facts.named("ApplicationReturnProposed"), lambda event: event.body["application_id"])
    for event in _returned(facts):
        subject, policy = f"application {event.body['application_id']}", facts.policies.get(event.policy_id)
        fields, call = event.body["fields"], calls.get(event.body["call_id"])
        listed = (policy and policy.repair.fields) or LISTED
        outside = [path for path in fields if not _is_within(path, listed)]
        if outside:
            yield subject, f"was returned for {', '.join(outside)}, which the policy does not list"
        if call is None or event.time < datetime.fromisoformat(call.body["closes_at"]) or not _touches(fields, SUBSTANCE):
            continue
        first = {one.actor for one in proposed.get(event.body["application_id"], []) if one.body["fields"] == fields}
        if event.body["proposed_by"] in (None, event.actor) or event.body["proposed_by"] not in first:
            yield subject, f"was returned by {event.actor} alone for {', '.join(fields)} after the call had closed"


def _rewritten(facts: Facts) -> Found:
    """A later version differs only in what the application was returned for; in a first-come call, a change of substance moved it."""
    returns = grouped(_returned(facts), lambda event: (event.body["application_id"], event.body["revision"]))
    methods = {row["id"]: row["selection_method"] for row in facts.rows("evaluation.calls")}
    versions = {(row["application_id"], row["revision"]): row for row in facts.rows("applications.versions")}
    for (application, revision), row in versions.items():
        before, allowed = versions.get((application, revision - 1)), returns.get((application, revision - 1))
        if before is None or allowed is None:
            continue
        fields = allowed[-1].body["fields"]
        outside = [path for path in row["rewritten"] if not _is_within(path, fields) and not _follows(path, fields)]
        if outside:
            yield f"application {application}", f"{', '.join(outside)} changed; it was not returned for that"
        first_come = methods.get(row["call_id"]) == SelectionMethod.FIRST_COME
        if first_come and _touches(row["rewritten"], SUBSTANCE) and row["sequence"] == before["sequence"]:
            yield f"application {application}", f"kept number {row['sequence']} in the queue, although it changed in substance"


def _follows(path: str, fields: Sequence[str]) -> bool:
    """What has to agree with a named answer. Which table is the sum of which answer stands in the form, which is not read here."""
    return _is_within(path, _AGREEING) and _touches(fields, _AGREEING)


def _returned(facts: Facts) -> list[Logged]:
    """Without returns from before there was a list: their events lack the field."""
    return [event for event in facts.named("ApplicationReturned") if "proposed_by" in event.body]


def _is_within(path: str, parts: Iterable[str]) -> bool:
    return any(path == part or path.startswith(part + ".") for part in parts)


def _touches(fields: Iterable[str], parts: Iterable[str]) -> bool:
    """True when one of the answers is in one of the parts, or the other way round."""
    listed = list(parts)
    return any(_is_within(path, listed) or _is_within(part, [path]) for path in fields for part in listed)


REPAIR_CHECKS = (_returns, _rewritten)
