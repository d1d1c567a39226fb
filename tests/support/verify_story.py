"""A small platform at rest, written row by row and event by event, in which every invariant holds.

A ranking call: `paid` is granted, claims, and is paid at the second attempt; `reserve` waits in vain; `weak` misses the threshold;
`ineligible` is that. A first-come call: `first` declines, so that `second` moves up from the reserve list and lets the offer lapse.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from operations.verify.consumers import CONSUMERS
from services.applications.tables import ApplicationRow, CallRow, ImportRow, ReaderRow
from services.evaluation import tables as evaluation
from services.evaluation.domain import ranking
from services.evaluation.domain.draw import nonce_hash, seed_of
from services.evaluation.domain.scoring import CaseResult, evaluate
from services.evaluation.domain.screening import eligible_hash
from shared.contracts import applications as told_by_applications
from shared.contracts import evaluation as told_by_evaluation
from shared.contracts.common import Relation
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import derive_id, new_id
from shared.messaging.event import Event
from shared.messaging.tables import InboxRow, OutboxRow
from shared.policy.loader import load_book
from shared.policy.schema import Policy
from shared.web.idempotency import IdempotencyRow

BOOK = load_book(Path(__file__).resolve().parents[2] / "regions")
START = datetime(2025, 12, 5, 9, tzinfo=UTC)
NONCE = "5a" * 32


@dataclass
class Case:
    """An application of the story."""

    call: "Call"
    sequence: int
    amount_minor: int
    points: int = 0
    id: UUID = field(default_factory=new_id)
    organisation_id: UUID = field(default_factory=new_id)

    @property
    def facts(self) -> dict[str, Any]:
        return {"application_id": self.id, "call_id": self.call.id, "region": self.call.policy.region}

    @property
    def receipt(self) -> str:
        return f"{self.call.policy.region[:2].upper()}-26-{self.sequence:06}"

    @property
    def sheets(self) -> list[dict[str, int]]:
        """Two evaluators of one mind."""
        criteria = self.call.policy.evaluation.criteria if self.call.policy.evaluation else ()
        return [{criterion.id: criterion.points_max * self.points // 100 for criterion in criteria}] * 2

    @property
    def result(self) -> CaseResult:
        assert self.call.policy.evaluation is not None
        return evaluate(self.sheets, self.call.policy.evaluation)


@dataclass
class Call:
    policy: Policy
    envelope_minor: int
    id: UUID = field(default_factory=new_id)

    @property
    def facts(self) -> dict[str, Any]:
        return {"call_id": self.id, "region": self.policy.region}


@dataclass
class Story:
    """`rows` by service, in the order in which they are to be written."""

    now: datetime = START
    rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, event: Event, policy: Policy, actor: str = "system", reason: str = "as-it-should-be", cause: UUID | None = None) -> UUID:
        """Half a day after the last one: published, and received by all who need it."""
        self.now += timedelta(hours=12)
        event_id, (service, name, _) = new_id(), event.type.split(".")
        self.rows[service].append(
            OutboxRow(
                event_id=event_id, topic=event.topic, key=event.key, type=event.type, time=self.now, actor=actor, reason=reason,
                policy_id=policy.id, correlation_id=event.correlation_id, causation_id=cause, body=event.model_dump(mode="json"), published_at=START,
            )
        )  # fmt: skip
        for consumer, names in CONSUMERS.items():
            if name in names:
                self.rows[consumer].append(InboxRow(event_id=event_id))
        return event_id

    def keep(self, service: str, *rows: Any) -> None:
        self.rows[service] += rows

    def find(self, service: str, kind: type[Any], **values: Any) -> list[Any]:
        rows = (row for row in self.rows[service] if isinstance(row, kind))
        return [row for row in rows if all(getattr(row, name) == value for name, value in values.items())]

    def by_table(self, service: str) -> list[list[Any]]:
        """What others refer to comes first."""
        kinds = dict.fromkeys(type(row) for row in self.rows[service])
        tables = [table for kind in kinds for table in kind.metadata.sorted_tables]
        ordered = sorted(kinds, key=lambda kind: tables.index(kind.__table__))
        return [self.find(service, kind) for kind in ordered]

    def milestone(self, policy: Policy, subject: UUID, case: UUID, kind: str) -> UUID:
        reached = MilestoneReached(subject_id=subject, case_id=case, region=policy.region, kind=kind, due_at=self.now)
        return self.tell(reached, policy, reason="deadline")


def publish_call(story: Story, call: Call, cases: list[Case]) -> None:
    """Published, opened, handed in, screened, closed. The last case of the ranking is found ineligible."""
    policy, dates = call.policy, [START + timedelta(days=days) for days in (2, 20, 40, 80)]
    published = {
        **call.facts, "slug": f"call-{policy.region}", "scheme": policy.scheme, "policy_id": policy.id, "currency": policy.currency,
        "envelope_minor": call.envelope_minor, "opens_at": dates[0], "closes_at": dates[1], "evaluation_due_at": dates[2],
        "reserve_list_ends_at": dates[3],
    }  # fmt: skip
    method = policy.selection.method
    cause = story.tell(told_by_applications.CallPublished(**published, selection_method=method), policy, "officer-1")
    known = {"id": call.id, **{name: value for name, value in published.items() if name != "call_id"}}
    nonce = None if method == "first-come" else NONCE
    story.keep(
        "applications",
        CallRow(
            **known, selection_method=method, title={"en": "Call"}, first_closes_at=dates[1], content_hash="x", published_at=START,
            state="closed", submitted=len(cases), screening_completed_at=dates[1],
            nonce_hash=nonce and nonce_hash(nonce),
        ),
    )  # fmt: skip
    story.keep(
        "evaluation",
        evaluation.CallRow(**known, selection_method=method, nonce=nonce, nonce_hash=nonce and nonce_hash(nonce), published_at=START),
    )
    if nonce:
        story.tell(told_by_evaluation.DrawCommitted(**call.facts, nonce_hash=nonce_hash(nonce)), policy, cause=cause)
    story.milestone(policy, call.id, call.id, "call-opens")
    story.tell(told_by_applications.CallOpened(**call.facts, opened_at=dates[0]), policy)
    for case in cases:
        submit(story, case)
    eligible = [case for case in cases if case.points >= 0]
    for case in cases:
        screen(story, case, eligible=case in eligible)
    story.tell(told_by_applications.CallClosed(**call.facts, closed_at=dates[1], submitted=len(cases)), policy)
    named = eligible_hash([case.id for case in eligible])
    completed = told_by_applications.ScreeningCompleted(**call.facts, eligible=len(eligible), eligible_hash=named)
    story.tell(completed, policy, "officer-1")


def submit(story: Story, case: Case) -> None:
    policy = case.call.policy
    submitted = told_by_applications.ApplicationSubmitted(
        **case.facts, revision=1, sequence=case.sequence, receipt=case.receipt, submitted_at=story.now,
        organisation_id=case.organisation_id, requested_minor=case.amount_minor, currency=policy.currency, policy_id=policy.id,
    )  # fmt: skip
    story.tell(submitted, policy, f"applicant-{case.sequence}")


def screen(story: Story, case: Case, *, eligible: bool) -> None:
    policy = case.call.policy
    row = ApplicationRow(
        id=case.id, call_id=case.call.id, region=policy.region, organisation_id=case.organisation_id, form={}, created_at=START,
        changed_at=START, revision=1, sequence=case.sequence, receipt=case.receipt, submitted_at=START, state="ineligible",
        failed_rules=["seat"],
    )  # fmt: skip
    story.keep(
        "applications",
        row,
        ImportRow(call_id=case.call.id, row_key=f"row-{case.sequence}", content_hash="x", application_id=case.id),
        IdempotencyRow(
            actor_id="a", route="POST /applications", key=f"key-{case.id}", input_hash="x", response={"application_id": str(case.id)}
        ),
    )
    if not eligible:
        found = told_by_applications.ApplicationFoundIneligible(**case.facts, sequence=case.sequence, rules=["seat"])
        story.tell(found, policy, "officer-1")
        return
    row.state, row.failed_rules, row.live_slot, row.amount_minor = "eligible", [], 1, case.amount_minor
    common = {
        **case.facts, "sequence": case.sequence, "submitted_at": START, "organisation_id": case.organisation_id,
        "requested_minor": case.amount_minor, "amount_minor": case.amount_minor, "currency": policy.currency, "policy_id": policy.id,
        "language": "en", "topics": ["design"],
    }  # fmt: skip
    relation = Relation(kind="tax-number", hash=f"tie-{case.id}")
    story.tell(told_by_applications.ApplicationFoundEligible(**common, relations=[relation]), policy, "officer-1")
    story.keep("evaluation", evaluation.CaseRow(**common, relations=[relation.hash], opened_at=START))


def score(story: Story, cases: list[Case]) -> None:
    """Two evaluators on each case."""
    policy = cases[0].call.policy
    for name in ("expert-1", "expert-2"):
        person = {"region": policy.region, "id": name, "registered_by": "officer-1", "registered_at": START}
        story.keep("evaluation", evaluation.EvaluatorRow(**person, languages=["en"], topics=[], relations={"owner": [f"tie-{name}"]}))
    for case in cases:
        for seat, sheet in enumerate(case.sheets, start=1):
            assignment = {"assignment_id": new_id(), "evaluator_id": f"expert-{seat}"}
            story.tell(told_by_evaluation.EvaluatorAssigned(**case.facts, **assignment, seat=seat, due_at=story.now), policy)
            story.keep("applications", ReaderRow(**assignment, application_id=case.id))
            story.keep(
                "evaluation",
                evaluation.AssignmentRow(
                    **case.facts, id=assignment["assignment_id"], evaluator_id=f"expert-{seat}", seat=seat, state="scored", scores=sheet,
                    total_points=sum(sheet.values()), assigned_at=START, due_at=START, declared_at=START, scored_at=START,
                ),
            )  # fmt: skip
        result = case.result
        completed = told_by_evaluation.EvaluationCompleted(
            **case.facts, total_hundredths=result.total, score_sheets=2, divergent=False, passed=not result.failed
        )
        story.tell(completed, policy, "expert-2")
        (row,) = story.find("evaluation", evaluation.CaseRow, application_id=case.id)
        row.completed_at, row.total_hundredths, row.score_sheets = story.now, result.total, 2
        row.criteria, row.failed_rules = result.criteria, list(result.failed)


def rank(story: Story, call: Call, cases: list[Case]) -> None:
    """The list, approved by an officer."""
    policy = call.policy
    entries = [
        ranking.ListEntry(case.id, case.amount_minor, case.amount_minor, case.result.total, case.result.criteria, case.result.failed)
        for case in cases
    ]
    assert policy.evaluation is not None
    listing = ranking.Listing(
        call.id, "ranking", policy.id, policy.currency, call.envelope_minor, tuple(c.id for c in policy.evaluation.criteria),
        policy.selection.ties, tuple(entries),
    )  # fmt: skip
    seed = seed_of(listing.hash(), NONCE)
    ranked = ranking.rank_entries(listing, seed)
    for each in ranked:
        (row,) = story.find("evaluation", evaluation.CaseRow, application_id=each.entry.application_id)
        row.rank = each.rank
    outcomes: dict[str, str] = {str(each.entry.application_id): each.outcome for each in ranked}
    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in ("granted", "reserve", "refused")}
    approved = told_by_evaluation.RankingApproved(
        **call.facts, selection_method="ranking", list_hash=listing.hash(), **counts, nonce=NONCE, seed=seed
    )
    story.tell(approved, policy, "officer-2")
    story.keep(
        "evaluation",
        evaluation.RankingRow(
            call_id=call.id, list_hash=listing.hash(), list_text=listing.text(), seed=seed, approved_by="officer-2", approved_at=story.now,
            outcomes=outcomes,
        ),
    )  # fmt: skip


def decide(story: Story, case: Case, outcome: str, number: int, cause: UUID, rules: tuple[str, ...] = ()) -> UUID:
    """A decision with its row; the one before it, if any, gives way. Returns the event's id."""
    policy, award = case.call.policy, derive_id(case.id, "award", 1)
    (row,) = story.find("evaluation", evaluation.CaseRow, application_id=case.id)
    rank = row.rank = row.rank or case.sequence
    for earlier in story.find("evaluation", evaluation.DecisionRow, application_id=case.id):
        earlier.superseded_at = story.now
    granted = {"award_id": award, "voucher_id": derive_id(award, "voucher"), "grant_number": 1} if outcome == "granted" else {}
    story.keep(
        "evaluation",
        evaluation.DecisionRow(
            id=new_id(), application_id=case.id, call_id=case.call.id, number=number, outcome=outcome, rules=list(rules),
            amount_minor=case.amount_minor, decided_at=story.now, **granted,
        ),
    )  # fmt: skip
    (shown,) = story.find("applications", ApplicationRow, id=case.id)
    shown.decision, shown.decided_at = outcome, story.now
    if outcome == "reserve":
        return story.tell(
            told_by_evaluation.PlacedOnReserveList(**case.facts, position=rank), policy, reason="envelope-exhausted", cause=cause
        )
    if outcome == "refused":
        return story.tell(told_by_evaluation.AwardRefused(**case.facts, rules=list(rules)), policy, reason=rules[0], cause=cause)
    event = told_by_evaluation.AwardGranted(
        **case.facts, award_id=award, grant_number=1, organisation_id=case.organisation_id, scheme=policy.scheme,
        amount_minor=case.amount_minor, currency=policy.currency, policy_id=policy.id, rank=rank, from_reserve=number > 1,
    )  # fmt: skip
    return story.tell(event, policy, cause=cause)
