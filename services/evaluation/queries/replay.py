"""A past call ranked again under other rules, several scenarios side by side. Nothing is kept.

Which applications would be eligible, and with what amount, is the answer of `applications`, which the caller passes on. It decides nothing
here: a false one only gives its sender a false list.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.ranking import RankedEntry
from services.evaluation.domain.replay import (
    Applicant,
    Outcome,
    PastCall,
    Replayed,
    Scored,
    Sheets,
    Sums,
    Terms,
    replay,
    score_again,
    sums_of,
)
from services.evaluation.domain.spread import Spread, Ways, rounds_for, spread_of, ways_of
from services.evaluation.queries.listing import least_of, shortage_by
from services.evaluation.queries.lists import list_in_force, lists_of
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, RankingRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import AssignmentState, SelectionMethod
from shared.messaging.context import Context
from shared.policy.scenario import RECORD, Scenario, changed_policies
from shared.policy.schema import Policy
from shared.policy.sections import Evaluation

MOST_CODES = 10
"""Transitions that the forms of a call may ask for: three today."""


class _Attributes(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class RangeView(_Attributes):
    """In one of twenty rounds the value is below `low`, in one of twenty above `high`."""

    low: int
    middle: int
    high: int


class SumsView(_Attributes):
    """Applications of a group that were submitted, would be eligible and granted; the money in minor units, and in euro cents at the rate
    of the policy."""

    applications: int
    eligible: int
    granted: int
    granted_minor: int
    granted_eur_minor: int


class ReplayedView(BaseModel):
    """A scenario; the first one is the call under its own rules. `further_sheets`: cases for which these rules would have asked for one
    more score sheet than there is. `transitions`: by code; an application may serve several. `moved_in`, `moved_out`: who is granted here
    and not in the first, and the other way round.

    The columns are in the order of the applications that were sent: outcome, rank, score in hundredths of a point, and the share of the
    rounds in which it is granted, in basis points; null where it is not in the list."""

    name: str
    envelope_minor: int
    envelope_eur_minor: int
    sums: SumsView
    reserve: int
    refused: int
    not_scored: int
    ineligible: int
    further_sheets: int
    transitions: dict[str, SumsView]
    moved_in: list[UUID]
    moved_out: list[UUID]
    rounds: int
    granted_range: RangeView | None
    granted_minor_range: RangeView | None
    outcomes: list[Outcome]
    ranks: list[int | None]
    scores_hundredths: list[int | None]
    chances_bp: list[int | None]


class ReplayView(BaseModel):
    """`differs_from_list`: how many applications the list in force places otherwise than the replay under the call's own rules; null where
    there is no list."""

    call_id: UUID
    region: str
    policy_id: str
    selection_method: str
    currency: str
    differs_from_list: int | None
    scenarios: list[ReplayedView]


@dataclass(frozen=True, slots=True)
class Columns:
    """The facts of the applications, as `applications` gives them."""

    application_ids: Sequence[UUID]
    sequences: Sequence[int]
    requested_minor: Sequence[int]
    transitions: Sequence[Sequence[str]]
    amounts_minor: Sequence[Sequence[int | None]]
    voucher_types: Sequence[str | None] = ()

    def check(self, scenarios: int) -> None:
        """Raises `Refused` 'facts-differ' unless all columns are of the same applications, in the order of their sequence."""
        lengths = {len(self.application_ids), len(self.sequences), len(self.requested_minor), len(self.transitions)}
        lengths |= {len(column) for column in self.amounts_minor} | ({len(self.voucher_types)} if self.voucher_types else set())
        in_order = all(before < after for before, after in pairwise(self.sequences))
        codes = {code for one in self.transitions for code in one}
        if len(lengths) != 1 or len(codes) > MOST_CODES or len(self.amounts_minor) != scenarios + 1 or not in_order:
            raise Refused("facts-differ", "These facts are not what applications answers for this call and these scenarios.", field="facts")

    def applicants(self) -> tuple[Applicant, ...]:
        types = self.voucher_types or [None] * len(self.application_ids)
        columns = zip(self.application_ids, self.sequences, self.requested_minor, self.transitions, types, strict=True)
        return tuple(Applicant(key, sequence, requested, tuple(codes), kind) for key, sequence, requested, codes, kind in columns)


async def read_replay(context: Context, call_id: UUID, scenarios: Sequence[Scenario], facts: Columns, rounds: int) -> ReplayView:
    """Raises NotFound, Forbidden; as `changed_policy`; `Refused` 'facts-differ'. The work is done in a thread, for some seconds at most."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_REPLAY, region=call.region)
    facts.check(len(scenarios))
    policy = context.policies.get(call.policy_id)
    changed = changed_policies(policy, scenarios)
    past = await _past(context, call, facts)
    in_force = await list_in_force(context, call_id)
    question = Question(past, (RECORD, *scenarios), (policy, *changed), facts.amounts_minor, rounds)
    views = await asyncio.to_thread(question.answer)
    listed = None if in_force is None else _differences(in_force.outcomes, past, views[0])
    known = call.model_dump(include={"region", "policy_id", "selection_method", "currency"})
    return ReplayView(call_id=call_id, differs_from_list=listed, scenarios=views, **known)


async def _past(context: Context, call: CallRow, facts: Columns) -> PastCall:
    """Score sheets count of cases that are evaluated as a whole; of a call that does not score there are none."""
    row, sheets = AssignmentRow, dict[UUID, dict[str, dict[str, int]]]()
    query = select(col(row.application_id), col(row.evaluator_id), col(row.scores)).join(
        CaseRow, col(CaseRow.application_id) == col(row.application_id)
    )
    query = query.where(col(row.call_id) == call.id, col(row.state) == AssignmentState.SCORED, col(CaseRow.completed_at).is_not(None))
    for application_id, evaluator_id, scores in await context.session.execute(query.order_by(col(row.seat))):
        sheets.setdefault(application_id, {})[evaluator_id] = scores or {}
    first = next(iter(await lists_of(context, call.id)), None)
    seed = first.seed if isinstance(first, RankingRow) else hashlib.sha256(call.id.bytes).hexdigest()
    envelope = call.budget_minor if call.selection_method == SelectionMethod.FIRST_COME else call.envelope_minor
    by_case: Mapping[UUID, Sheets] = sheets
    return PastCall(call.id, call.selection_method, call.currency, envelope, seed, facts.applicants(), by_case)


@dataclass(frozen=True, slots=True)
class Question:
    """A call and its scenarios, the first of which changes nothing. `policies` and `amounts`: of each scenario."""

    past: PastCall
    scenarios: Sequence[Scenario]
    policies: Sequence[Policy]
    amounts: Sequence[Sequence[int | None]]
    rounds: int

    def answer(self) -> list[ReplayedView]:
        """Pure, and long: the first views are needed for the others."""
        views: list[ReplayedView] = []
        scored: list[tuple[Evaluation, Scored, Ways]] = []
        rounds = rounds_for(self.rounds, len(self.past.applicants), len(self.scenarios))
        for scenario, policy, amounts in zip(self.scenarios, self.policies, self.amounts, strict=True):
            envelope = scenario.envelope_of(self.past.envelope_minor)
            rules = policy.evaluation if self.past.selection_method == SelectionMethod.RANKING else None
            terms = Terms(envelope, policy.selection.ties, rules, tuple(amounts), shortage_by(policy), _least(policy))
            marks, ways = self._scored(rules, scored)
            replayed = replay(self.past, terms, marks)
            spread = spread_of(self.past, replayed, marks, ways, envelope, rounds, terms.shortage)
            views.append(_view(self, scenario.name, policy, terms, replayed, marks, spread, views[0] if views else None))
        return views

    def _scored(self, rules: Evaluation | None, done: list[tuple[Evaluation, Scored, Ways]]) -> tuple[Scored | None, Ways]:
        """Scenarios with the same rules for the score share the results."""
        recorded = self.policies[0].evaluation
        if rules is None or recorded is None:
            return None, {}
        for same, scored, ways in done:
            if same == rules:
                return scored, ways
        scored = score_again(self.past, recorded, rules)
        ways = ways_of(scored) if self.rounds else {}
        done.append((rules, scored, ways))
        return scored, ways


def _least(policy: Policy) -> dict[str, int]:
    """Type of voucher → the least that a part of it may be, of the types that have their own."""
    found = {one.id: least_of(policy, one.id) for one in policy.voucher_types or ()}
    return {name: least for name, least in found.items() if least is not None}


def _view(
    question: Question, name: str, policy: Policy, terms: Terms, replayed: Replayed, scored: Scored | None, spread: Spread | None,
    first: ReplayedView | None,
) -> ReplayedView:  # fmt: skip
    applicants, counts = question.past.applicants, Counter(replayed.outcomes)
    ranks = {each.entry.application_id: each for each in replayed.ranked}
    amounts = (_awarded(ranks.get(one.application_id), amount) for one, amount in zip(applicants, terms.amounts, strict=True))
    rows = list(zip(applicants, amounts, replayed.outcomes, strict=True))
    codes = dict.fromkeys(code for one in applicants for code in one.transitions)
    before = first.outcomes if first else list(replayed.outcomes)
    moves = [(one.application_id, was, now) for (one, _, now), was in zip(rows, before, strict=True) if was is not now]
    listed = [ranks.get(one.application_id) for one in applicants]
    chances = spread.chances_bp if spread else {}
    return ReplayedView(
        name=name,
        envelope_minor=terms.envelope_minor,
        envelope_eur_minor=policy.to_eur_minor(terms.envelope_minor),
        sums=_sums(sums_of(rows), policy),
        reserve=counts[Outcome.RESERVE],
        refused=counts[Outcome.REFUSED],
        not_scored=counts[Outcome.NOT_SCORED],
        ineligible=counts[Outcome.INELIGIBLE],
        further_sheets=scored.further if scored else 0,
        transitions={code: _sums(sums_of(row for row in rows if code in row[0].transitions), policy) for code in codes},
        moved_in=[key for key, _, now in moves if now is Outcome.GRANTED],
        moved_out=[key for key, was, _ in moves if was is Outcome.GRANTED],
        rounds=spread.rounds if spread else 0,
        granted_range=RangeView.model_validate(spread.granted) if spread else None,
        granted_minor_range=RangeView.model_validate(spread.granted_minor) if spread else None,
        outcomes=list(replayed.outcomes),
        ranks=[each.rank if each else None for each in listed],
        scores_hundredths=[each.entry.score if each and scored else None for each in listed],
        chances_bp=[chances.get(one.application_id) for one in applicants],
    )


def _awarded(ranked: RankedEntry | None, amount_minor: int | None) -> int | None:
    """What it is awarded, which may be a part of its amount; else the amount."""
    return ranked.awarded_minor if ranked is not None and ranked.awarded_minor else amount_minor


def _sums(sums: Sums, policy: Policy) -> SumsView:
    values = {name: getattr(sums, name) for name in ("applications", "eligible", "granted", "granted_minor")}
    return SumsView(granted_eur_minor=policy.to_eur_minor(sums.granted_minor), **values)


def _differences(listed: Mapping[str, str], past: PastCall, first: ReplayedView) -> int:
    """How many of the applications the list places otherwise; one that was withdrawn since is in no replay."""
    outcomes = {str(one.application_id): outcome for one, outcome in zip(past.applicants, first.outcomes, strict=True)}
    return sum(key in outcomes and outcomes[key] != outcome for key, outcome in listed.items())
