"""The list of a call, recomputed: score sheets give the results, results and seed give the order and the cut-off.

The published forms (docs of evaluation): the list is JSON with sorted keys, no spaces, ASCII, entries by application id; its hash is
SHA-256 of that text; the seed SHA-256(list hash ‖ nonce ‖ public randomness); an application's draw
key HMAC-SHA256(seed, application id), lowest first.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from shared.kernel.vocabulary import SelectionMethod
from shared.policy.schema import Policy
from shared.policy.sections import Evaluation

BASIS = 10_000
Sheet = Mapping[str, int]
Entry = Mapping[str, Any]


class Result(NamedTuple):
    """`total` and `criteria` in hundredths of a point, rounded half up; `failed`: the thresholds that were missed.

    `needs_another`: the first sheets diverge, so that the policy requires another evaluator.
    """

    total: int
    criteria: dict[str, int]
    failed: list[str]
    needs_another: bool


def result_of(sheets: Sequence[Sheet], rules: Evaluation) -> Result:
    """`sheets` in the order of their seats."""
    counted = _counted(sheets, rules)
    sums = {criterion.id: sum(sheet.get(criterion.id, 0) for sheet in counted) for criterion in rules.criteria}
    total, count = sum(sums.values()), len(counted)
    weak = [c.id for c in rules.criteria if sums[c.id] * BASIS < c.points_max * c.threshold_share_bp * count]
    failed = ["below-threshold"] * (total < rules.total_threshold * count) + ["below-criterion-threshold"] * bool(weak)
    return Result(_mean(total, count), {name: _mean(points, count) for name, points in sums.items()}, failed, _needs_another(sheets, rules))


def _counted(sheets: Sequence[Sheet], rules: Evaluation) -> Sequence[Sheet]:
    usual = rules.evaluators_per_case
    if rules.third_score == "all" or len(sheets) <= usual:
        return sheets
    best_first = sorted(sheets, key=lambda sheet: (_total(sheet), sorted(sheet.items())), reverse=True)
    return min(combinations(best_first, usual), key=lambda group: (_total(group[0]) - _total(group[-1]), -sum(map(_total, group))))


def _needs_another(sheets: Sequence[Sheet], rules: Evaluation) -> bool:
    totals = [_total(sheet) for sheet in sheets]
    above = [total for total in totals if total >= rules.total_threshold]
    apart = max(totals) - min(totals) >= rules.divergence_points or (rules.third_when_split and len(above) < len(totals))
    return len(totals) == rules.evaluators_per_case and bool(above) and apart


def _total(sheet: Sheet) -> int:
    return sum(sheet.values())


def _mean(points: int, count: int) -> int:
    return (points * 200 + count) // (2 * count)


def list_text(call: Mapping[str, Any], policy: Policy, entries: Iterable[Entry]) -> str:
    """The canonical text that is hashed and published, with these entries."""
    ranked = policy.evaluation if call["selection_method"] == SelectionMethod.RANKING else None
    content = {
        "call_id": call["id"],
        "method": call["selection_method"],
        "policy_id": call["policy_id"],
        "currency": call["currency"],
        "envelope_minor": call["envelope_minor"],
        "criteria": [criterion.id for criterion in ranked.criteria] if ranked else [],
        "ties": list(policy.selection.ties),
        "entries": sorted(entries, key=lambda entry: str(entry["application_id"])),
    }
    rule = policy.selection.when_short
    if rule is not None:
        content["when_short"] = rule
    if rule == "partial":
        content["smallest_minor"] = policy.value.smallest_minor
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def nonce_hash_of(nonce: str) -> str:
    return hashlib.sha256(bytes.fromhex(nonce)).hexdigest()


def seed_of(list_hash: str, nonce: str, randomness: str = "") -> str:
    return hashlib.sha256(bytes.fromhex(list_hash + nonce + randomness)).hexdigest()


def in_order(published: Mapping[str, Any], seed: str) -> list[Entry]:
    """The whole list: passed before failed, then by score, then by the policy's tie-breaks, at last by lot."""

    def sort_key(entry: Entry) -> tuple[Any, ...]:
        lot = hmac.new(bytes.fromhex(seed), entry["application_id"].encode(), hashlib.sha256).hexdigest()
        if published["method"] == SelectionMethod.DRAW:
            return bool(entry["failed"]), lot
        by_criterion = [-entry["criteria"].get(name, 0) for name in published["criteria"]]
        ties = {"criteria-order": by_criterion, "lower-request": entry["requested_minor"], "seeded-draw": 0}
        return bool(entry["failed"]), -entry["score"], *(ties[tie] for tie in published["ties"]), lot

    return sorted(published["entries"], key=sort_key)


def awards_of(ordered: Iterable[Entry], envelope_minor: int, published: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    """Application → outcome, and what is awarded. Granted while the envelope covers each in full. From the first one that it does not
    cover all are on the reserve list: but those behind it that it covers, where the list says "skip"; and but that one, as a part, where
    it says "partial" and the part is no smaller than the smallest voucher, of its type where the entry says so. Failed ones are refused."""
    rule, smallest = published.get("when_short"), published.get("smallest_minor", 0)
    found, left, over = dict[str, tuple[str, int]](), envelope_minor, False
    for entry in ordered:
        key, asked = entry["application_id"], entry["amount_minor"]
        if entry["failed"]:
            found[key] = ("refused", 0)
        elif not over and asked <= left:
            left, found[key] = left - asked, ("granted", asked)
        elif not over and rule == "partial" and left >= max(1, entry.get("smallest_minor", smallest)):
            over, left, found[key] = True, 0, ("granted", left)
        else:
            over, found[key] = rule != "skip", ("reserve", 0)
    return found
