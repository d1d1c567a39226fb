"""4, for rankings and draws: results, list, draw, order and cut-off, recomputed from the score sheets."""

import json
from collections.abc import Mapping
from typing import Any

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row, grouped
from operations.verify.listing import Entry, awards_of, hash_of, in_order, list_text, nonce_hash_of, result_of, seed_of
from shared.kernel.drand import first_round_after, is_signed, randomness_of
from shared.kernel.vocabulary import SelectionMethod


def rankings(facts: Facts) -> Found:
    yield from _cases(facts)
    yield from _results(facts)
    yield from _commitments(facts)
    yield from _public_randomness(facts)
    calls = facts.by("evaluation.calls", "id")
    revised = grouped(facts.rows("evaluation.revised_rankings"), lambda row: row["call_id"])
    for first in facts.rows("evaluation.rankings"):
        call = calls[first["call_id"]]
        yield from _seed(facts, call, first)
        ranking = {**first, **revised.get(call["id"], [{}])[-1]}
        published = json.loads(ranking["list_text"])
        if _is_scored_again(facts, call):
            continue  # another list will take the place of this one
        yield from _list(facts, call, ranking, published)
        yield from _order(facts, call, ranking, published)


def _is_scored_again(facts: Facts, call: Row) -> bool:
    """Whether a case has no result at present because an appeal was upheld, or the list is revised because a conflict of
    interest was found."""
    if call["revision_since"] is not None:
        return True
    upheld = {event.body["application_id"] for event in facts.named("AppealDecided") if event.body["outcome"] == "upheld"}
    of_call = (case for case in facts.rows("evaluation.cases") if case["call_id"] == call["id"] and case["withdrawn_at"] is None)
    return any(case["application_id"] in upheld and case["completed_at"] is None for case in of_call)


def _seed(facts: Facts, call: Row, first: Row) -> Found:
    """The seed is made of the first list, and stays: after an appeal, applications with equal scores keep their order."""
    subject = f"call {call['id']}"
    event = next((event.body for event in facts.named("RankingApproved") if event.body["call_id"] == call["id"]), {})
    if not hash_of(first["list_text"]) == first["list_hash"] == event.get("list_hash"):
        yield subject, "the hash of the published list is not the hash of its text"
    public = facts.by("evaluation.randomness", "call_id").get(call["id"], {}).get("randomness", "")
    seed = seed_of(first["list_hash"], event.get("nonce", ""), public)
    later = {event.body["seed"] for event in facts.named("RankingRevised") if event.body["call_id"] == call["id"]}
    if not seed == first["seed"] == event.get("seed") or later - {seed}:
        yield subject, "the seed is not SHA-256 of list hash, nonce and public randomness"


def _last_published(facts: Facts, call: Row) -> Mapping[str, Any]:
    events = facts.named("RankingApproved", "RankingRevised")
    return next((event.body for event in reversed(events) if event.body["call_id"] == call["id"]), {})


SAME = ("call_id", "region", "sequence", "organisation_id", "requested_minor", "amount_minor", "currency", "policy_id")
"""The fields of a case that are those of ApplicationFoundEligible."""


def _cases(facts: Facts) -> Found:
    """Each case, and each award, is of the organisation and the amount that screening has found eligible."""
    eligible = {event.body["application_id"]: event.body for event in facts.named("ApplicationFoundEligible")}
    for row in facts.rows("evaluation.cases"):
        found = eligible.get(row["application_id"], {})
        if other := [name for name in SAME if row[name] != found.get(name)]:
            yield f"application {row['application_id']}", f"screening found it eligible with another {', '.join(other)} than its case has"
    for event in facts.named("AwardGranted"):
        found = eligible.get(event.body["application_id"], {})
        other = [name for name in ("organisation_id", "currency") if event.body[name] != found.get(name)]
        policy = facts.policies.get(event.body["policy_id"])
        least = 1 if policy is not None and policy.selection.when_short == "partial" else found.get("amount_minor", 0)
        other += [] if least <= event.body["amount_minor"] <= found.get("amount_minor", 0) else ["amount_minor"]
        if other:
            yield f"application {event.case}", f"screening found it eligible with another {', '.join(other)} than its award has"


def _results(facts: Facts) -> Found:
    """Each case has the result that its score sheets give, in any order of scoring."""
    sheets = grouped((row for row in facts.rows("evaluation.assignments") if row["state"] == "scored"), lambda row: row["application_id"])
    completed = {event.body["application_id"]: event.body for event in facts.named("EvaluationCompleted")}
    for case in facts.rows("evaluation.cases"):
        subject, policy = f"application {case['application_id']}", facts.policies.get(case["policy_id"])
        rows = sorted(sheets.get(case["application_id"], []), key=lambda row: row["seat"])
        for row in rows:
            if row["total_points"] != sum(row["scores"].values()):
                yield subject, f"a score sheet of {sum(row['scores'].values())} points is counted as {row['total_points']}"
        if case["completed_at"] is None or policy is None or policy.evaluation is None:
            continue
        if len(rows) < policy.evaluation.evaluators_per_case:
            yield subject, f"has a result from {len(rows)} score sheets; the policy requires {policy.evaluation.evaluators_per_case}"
            continue
        result = result_of([row["scores"] for row in rows], policy.evaluation)
        if result.needs_another:
            yield subject, "its score sheets diverge so far that another one was required"
        stored = (case["total_hundredths"], case["criteria"], sorted(case["failed_rules"] or []))
        if stored != (result.total, result.criteria, sorted(result.failed)):
            yield subject, f"its result is {stored[0]} {stored[2]}, its score sheets give {result.total} {result.failed}"
        stated = completed.get(case["application_id"], {})
        if (stated.get("total_hundredths"), stated.get("passed")) != (result.total, not result.failed):
            yield subject, f"EvaluationCompleted says {stated.get('total_hundredths')}, its score sheets give {result.total}"


def _commitments(facts: Facts) -> Found:
    """The nonce is encrypted until it is published, and then matches the commitment; applications had its hash when it closed the call."""
    closed = {call["id"]: call for call in facts.rows("applications.calls") if call["state"] == "closed"}
    committed = {event.body["call_id"]: event for event in facts.named("DrawCommitted")}
    revealed = {event.body["call_id"]: event.body["nonce"] for event in facts.named("RankingApproved")}
    for call in facts.rows("evaluation.calls"):
        commitment = committed.get(call["id"])
        if call["nonce_hash"] is None:
            continue
        if not call["nonce_sealed"]:
            yield f"call {call['id']}", "its nonce is stored in clear: who reads it knows the draw before the list is approved"
        published = nonce_hash_of(revealed[call["id"]]) if call["id"] in revealed else call["nonce_hash"]
        if commitment is None or not commitment.body["nonce_hash"] == call["nonce_hash"] == published:
            yield f"call {call['id']}", "its nonce does not match the published commitment"
        elif call["id"] in closed and closed[call["id"]]["nonce_hash"] != commitment.body["nonce_hash"]:
            yield f"call {call['id']}", "it was closed without the commitment to its draw"


def _public_randomness(facts: Facts) -> Found:
    """Where the policy asks for it, a draw used the beacon's first round after the end of screening, with the beacon's signature."""
    recorded = facts.by("evaluation.randomness", "call_id")
    events = {event.body["call_id"]: event.body for event in facts.named("RandomnessRecorded")}
    drawn = {row["call_id"] for row in facts.rows("evaluation.rankings")}
    for call in facts.rows("evaluation.calls"):
        policy, row, subject = facts.policies.get(call["policy_id"]), recorded.get(call["id"]), f"call {call['id']}"
        beacon = policy.selection.randomness if policy else None
        if beacon is None or row is None:
            if beacon is not None and call["id"] in drawn and call["nonce_hash"] is not None:
                yield subject, "was drawn without the public randomness that its policy asks for"
            continue
        signature, number = bytes.fromhex(row["signature"]), row["round"]
        stated = {name: row[name] for name in ("round", "randomness", "signature", "file_hash")}
        if not stated.items() <= events.get(call["id"], {}).items():
            yield subject, "RandomnessRecorded says something else than its row"
        if hash_of(row["file"]) != row["file_hash"] or row["randomness"] != randomness_of(signature):
            yield subject, "the file of its public randomness, or the randomness itself, does not have its hash"
        if number != first_round_after(call["complete_at"], beacon.genesis_at, beacon.period_seconds):
            yield subject, f"round {number} is not the beacon's first round after the end of screening"
        if not is_signed(number, signature, bytes.fromhex(beacon.public_key)):
            yield subject, f"the signature of round {number} is not by the beacon of its policy"


def _list(facts: Facts, call: Row, ranking: Row, published: Mapping[str, Any]) -> Found:
    """The list has every competing application with the result of its sheets; its hash is the published one."""
    subject = f"call {call['id']}"
    if not hash_of(ranking["list_text"]) == ranking["list_hash"] == _last_published(facts, call).get("list_hash"):
        yield subject, "the hash of the list in force is not the hash of its text"
    cases = {case["application_id"]: case for case in facts.rows("evaluation.cases") if case["call_id"] == call["id"]}
    listed = {entry["application_id"]: entry for entry in published["entries"]}
    for missing in cases.keys() - listed.keys():
        if cases[missing]["withdrawn_at"] is None:
            yield f"application {missing}", "competed, but is not on the list"
    for unknown in listed.keys() - cases.keys():
        yield f"application {unknown}", "is on the list, but never competed"
    least = _own_least(facts, call)
    entries = [_entry(facts, call, cases[key], listed[key]) | least.get(key, {}) for key in listed if key in cases]
    for entry in entries:
        if entry != listed[entry["application_id"]]:
            yield f"application {entry['application_id']}", f"is listed as {listed[entry['application_id']]}, its sheets give {entry}"
    policy = facts.policies.get(call["policy_id"])
    if policy is not None and list_text(call, policy, entries) != ranking["list_text"]:
        yield subject, "the published list differs from the one that cases, score sheets and policy give"


def _own_least(facts: Facts, call: Row) -> dict[str, dict[str, int]]:
    """Application → the least that an award in part may be, where its type of voucher has its own."""
    policy = facts.policies.get(call["policy_id"])
    if policy is None or policy.selection.when_short != "partial":
        return {}
    own = {one.id: one.smallest_minor for one in policy.voucher_types or () if one.smallest_minor is not None}
    found = facts.named("ApplicationFoundEligible") if own else []
    types = {event.body["application_id"]: (event.body.get("terms") or {}).get("voucher_type") for event in found}
    return {key: {"smallest_minor": own[kind]} for key, kind in types.items() if kind in own}


def _entry(facts: Facts, call: Row, case: Row, listed: Entry) -> dict[str, Any]:
    """The entry that belongs in the list. Only a score that is adjusted for severe evaluators is taken from the list itself."""
    policy = facts.policies.get(call["policy_id"])
    rules = policy.evaluation if policy and call["selection_method"] == SelectionMethod.RANKING else None
    adjusted = rules is not None and rules.adjustment != "none"
    score = listed["score"] if adjusted else case["total_hundredths"] or 0
    return {
        "application_id": case["application_id"],
        "amount_minor": case["amount_minor"],
        "requested_minor": case["requested_minor"],
        "score": score,
        "criteria": case["criteria"] or {},
        "failed": list(case["failed_rules"] or []),
    }


def _order(facts: Facts, call: Row, ranking: Row, published: Mapping[str, Any]) -> Found:
    """Ranks, listed outcomes and issued decisions are those that list, seed and envelope give."""
    ordered = in_order(published, ranking["seed"])
    ranks = {entry["application_id"]: rank for rank, entry in enumerate(ordered, start=1)}
    outcomes = {key: outcome for key, (outcome, _) in awards_of(ordered, call["envelope_minor"], published).items()}
    for case in facts.rows("evaluation.cases"):
        if case["application_id"] in ranks and case["rank"] != ranks[case["application_id"]]:
            yield f"application {case['application_id']}", f"has rank {case['rank']}; list and draw give {ranks[case['application_id']]}"
    for application, outcome in outcomes.items():
        if ranking["outcomes"].get(application) != outcome:
            yield f"application {application}", f"is listed as {ranking['outcomes'].get(application)}; the cut-off gives {outcome}"
    event = _last_published(facts, call)
    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in ("granted", "reserve", "refused")}
    if any(event.get(outcome) != count for outcome, count in counts.items()):
        yield f"call {call['id']}", f"RankingApproved counts { {name: event.get(name) for name in counts} }, the list gives {counts}"
    yield from _first_decisions(facts, call, published, ordered, ranks)


def _first_decisions(facts: Facts, call: Row, published: Mapping[str, Any], ordered: list[Entry], ranks: Mapping[str, int]) -> Found:
    """An application withdrawn before the decisions were issued is left out, and the ones below it move up."""
    first: dict[str, Logged] = {}
    for event in facts.named("AwardGranted", "ExpressionChosen", "PlacedOnReserveList", "AwardRefused"):
        first.setdefault(event.body["application_id"], event)
    withdrawn = {key for key, event in first.items() if event.name == "AwardRefused" and event.body["rules"] == ["withdrawn"]}
    envelope = call["envelope_minor"] if call["issued_envelope_minor"] is None else call["issued_envelope_minor"]
    expected = awards_of((entry for entry in ordered if entry["application_id"] not in withdrawn), envelope, published)
    decided = any(application in first for application in expected)
    for application, (outcome, awarded) in expected.items() if decided else ():
        decision = first.get(application)
        if decision is None:
            yield f"application {application}", f"{outcome} by the list, but no decision was issued", True
        elif not _follows(decision, outcome):
            yield f"application {application}", f"{outcome} by the list, but the first decision is {decision}"
        elif outcome == "granted" and decision.body.get("amount_minor", awarded) != awarded:
            yield f"application {application}", f"was awarded {decision.body['amount_minor']}; list and envelope give {awarded}"
        elif ranks[application] != decision.body.get("rank", decision.body.get("position", ranks[application])):
            yield f"application {application}", f"{decision} has another rank than {ranks[application]}"


def _follows(event: Logged, outcome: str) -> bool:
    """When the reserve list has already ended, an application that would be on it is refused."""
    after_its_end = event.name == "AwardRefused" and event.body["rules"] == ["envelope-exhausted"]
    names = {"granted": ("AwardGranted", "ExpressionChosen"), "reserve": ("PlacedOnReserveList",), "refused": ("AwardRefused",)}
    return event.name in names[outcome] or (outcome == "reserve" and after_its_end)
