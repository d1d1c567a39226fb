"""A small dataset, written row by row and event by event, with no work in flight, in which every invariant holds.

A ranking call: `paid` is granted, claims, and is paid at the second attempt; `reserve` stays on the reserve list; `weak` misses
the threshold; `ineligible` is ineligible. A first-come call: `first` declines, `second` moves up from the reserve list and lets its
offer lapse.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from operations.verify.consumers import CONSUMERS
from services.applications.tables import ApplicationRow, CallRow, ErasureRow, FileRow, HoldRow, ImportRow, ReaderRow
from services.evaluation import tables as evaluation
from services.evaluation.domain import ranking
from services.evaluation.domain.draw import nonce_hash, seed_of
from services.evaluation.domain.scoring import CaseResult, evaluate
from services.evaluation.domain.screening import eligible_hash
from shared.contracts import applications as applications_events
from shared.contracts import evaluation as evaluation_events
from shared.contracts.common import Relation
from shared.contracts.vouchers import MilestoneReached
from shared.files.store import name_of
from shared.kernel.ids import derive_id, evaluator_subject, new_id
from shared.messaging.acts import ActRow
from shared.messaging.event import Event
from shared.messaging.mac import mac_of
from shared.messaging.tables import InboxRow, OutboxRow
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.web.access_log import AccessRow
from shared.web.idempotency import IdempotencyRow
from tests.support.desk import SEALING
from tests.support.policies import BOOK as AS_SHIPPED

BOOK = PolicyBook(
    policy.model_copy(update={"selection": policy.selection.model_copy(update={"when_short": None})}) for policy in AS_SHIPPED.all()
)
"""The policies of the regions, under which nobody overtakes on a list: the decisions of the dataset are written by hand."""
START = datetime(2025, 12, 5, 9, tzinfo=UTC)
NONCE = "5a" * 32


@dataclass
class Case:
    """An application of the dataset."""

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
        """The same scores from two evaluators."""
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
class Dataset:
    """`rows` by service, in the order in which they are written."""

    now: datetime = START
    rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def publish(
        self, event: Event, policy: Policy | None, actor: str = "system", reason: str = "by-rule", cause: UUID | None = None
    ) -> UUID:
        """Adds the event, half a day after the previous one, as published and as received by every consumer. Returns its id."""
        self.now += timedelta(hours=12)
        event_id, (service, name, _) = new_id(), event.type.split(".")
        row = OutboxRow(
            event_id=event_id, topic=event.topic, key=event.key, type=event.type, time=self.now, actor=actor, reason=reason,
            policy_id=policy.id if policy else "", correlation_id=event.correlation_id, causation_id=cause,
            body=event.model_dump(mode="json"),
            published_at=START,
        )  # fmt: skip
        row.mac = mac_of(SEALING, row.model_dump())
        self.rows[service].append(row)
        for consumer, names in CONSUMERS.items():
            if name in names:
                self.rows[consumer].append(InboxRow(event_id=event_id))
        return event_id

    def add(self, service: str, *rows: Any) -> None:
        self.rows[service] += rows

    def find(self, service: str, kind: type[Any], **values: Any) -> list[Any]:
        rows = (row for row in self.rows[service] if isinstance(row, kind))
        return [row for row in rows if all(getattr(row, name) == value for name, value in values.items())]

    def by_table(self, service: str) -> list[list[Any]]:
        """The rows by table, referenced tables first."""
        kinds = dict.fromkeys(type(row) for row in self.rows[service])
        tables = [table for kind in kinds for table in kind.metadata.sorted_tables]
        ordered = sorted(kinds, key=lambda kind: tables.index(kind.__table__))
        return [self.find(service, kind) for kind in ordered]

    def milestone(self, policy: Policy, subject: UUID, case: UUID, kind: str) -> UUID:
        reached = MilestoneReached(subject_id=subject, case_id=case, region=policy.region, kind=kind, due_at=self.now)
        return self.publish(reached, policy, reason="deadline")


def publish_call(dataset: Dataset, call: Call, cases: list[Case]) -> None:
    """Publishes the call, submits and screens its cases, closes it. A case with negative points is found ineligible."""
    policy, dates = call.policy, [START + timedelta(days=days) for days in (2, 20, 40, 80)]
    published = {
        **call.facts, "slug": f"call-{policy.region}", "scheme": policy.scheme, "policy_id": policy.id, "currency": policy.currency,
        "envelope_minor": call.envelope_minor, "opens_at": dates[0], "closes_at": dates[1], "evaluation_due_at": dates[2],
        "reserve_list_ends_at": dates[3],
    }  # fmt: skip
    method = policy.selection.method
    cause = dataset.publish(applications_events.CallPublished(**published, selection_method=method), policy, "officer-1")
    known = {"id": call.id, **{name: value for name, value in published.items() if name != "call_id"}}
    nonce = None if method == "first-come" else NONCE
    dataset.add(
        "applications",
        CallRow(
            **known, selection_method=method, title={"en": "Call"}, first_closes_at=dates[1], content_hash="x", published_at=START,
            state="closed", submitted=len(cases), screening_completed_at=dates[1],
            nonce_hash=nonce and nonce_hash(nonce),
        ),
    )  # fmt: skip
    dataset.add(
        "evaluation",
        evaluation.CallRow(
            **known,
            selection_method=method,
            nonce=nonce and f"sealed-1:{NONCE}",
            nonce_hash=nonce and nonce_hash(nonce),
            published_at=START,
        ),
    )
    if nonce:
        dataset.publish(evaluation_events.DrawCommitted(**call.facts, nonce_hash=nonce_hash(nonce)), policy, cause=cause)
    dataset.milestone(policy, call.id, call.id, "call-opens")
    dataset.publish(applications_events.CallOpened(**call.facts, opened_at=dates[0]), policy)
    for case in cases:
        submit(dataset, case)
    eligible = [case for case in cases if case.points >= 0]
    for case in cases:
        screen(dataset, case, eligible=case in eligible)
    dataset.publish(applications_events.CallClosed(**call.facts, closed_at=dates[1], submitted=len(cases)), policy)
    named = eligible_hash([case.id for case in eligible])
    completed = applications_events.ScreeningCompleted(**call.facts, eligible=len(eligible), eligible_hash=named)
    dataset.publish(completed, policy, "officer-1")


def submit(dataset: Dataset, case: Case) -> None:
    policy = case.call.policy
    submitted = applications_events.ApplicationSubmitted(
        **case.facts, revision=1, sequence=case.sequence, receipt=case.receipt, submitted_at=dataset.now,
        organisation_id=case.organisation_id, requested_minor=case.amount_minor, currency=policy.currency, policy_id=policy.id,
    )  # fmt: skip
    dataset.publish(submitted, policy, f"applicant-{case.sequence}")


def screen(dataset: Dataset, case: Case, *, eligible: bool) -> None:
    policy = case.call.policy
    row = ApplicationRow(
        id=case.id, call_id=case.call.id, region=policy.region, organisation_id=case.organisation_id, form={}, created_at=START,
        changed_at=START, revision=1, sequence=case.sequence, receipt=case.receipt, submitted_at=START, state="submitted",
    )  # fmt: skip
    dataset.add(
        "applications",
        row,
        ImportRow(call_id=case.call.id, row_key=f"row-{case.sequence}", content_hash="x", application_id=case.id),
        IdempotencyRow(actor_id="a", route="POST /applications", key=f"key-{case.id}", input_hash="x", made_id=case.id),
    )
    if not eligible:
        row.state, row.failed_rules = "ineligible", ["seat"]
        found = applications_events.ApplicationFoundIneligible(**case.facts, sequence=case.sequence, rules=["seat"])
        dataset.publish(found, policy, "officer-1")
        return
    row.state, row.failed_rules, row.live_slot, row.amount_minor = "eligible", [], 1, case.amount_minor
    common = {
        **case.facts, "sequence": case.sequence, "submitted_at": START, "organisation_id": case.organisation_id,
        "requested_minor": case.amount_minor, "amount_minor": case.amount_minor, "currency": policy.currency, "policy_id": policy.id,
        "language": "en", "topics": ["design"],
    }  # fmt: skip
    relation = Relation(kind="tax-number", hash=f"relation-{case.id}")
    dataset.publish(applications_events.ApplicationFoundEligible(**common, relations=[relation]), policy, "officer-1")
    dataset.add("evaluation", evaluation.CaseRow(**common, relations=[relation.hash], opened_at=START))


def _reading(case: Case, reader: str) -> AccessRow:
    """The evaluator reads the whole application, after the declaration."""
    region = case.call.policy.region
    return AccessRow(reader=reader, subject_id=case.id, region=region, permission="read-application", shown="whole", at=START)


def score(dataset: Dataset, cases: list[Case]) -> None:
    """Adds the scores of two evaluators for each case."""
    policy = cases[0].call.policy
    for name in ("expert-1", "expert-2"):
        person = {"region": policy.region, "id": name, "registered_by": "officer-5", "registered_at": START}
        dataset.add("evaluation", evaluation.EvaluatorRow(**person, languages=["en"], topics=[], relations={"owner": [f"relation-{name}"]}))
        subject = evaluator_subject(policy.region, name)
        dataset.add("evaluation", ActRow(event_id=new_id(), subject_id=subject, duty="register-evaluator", actor="officer-5", at=START))
    for case in cases:
        for seat, sheet in enumerate(case.sheets, start=1):
            assignment = {"assignment_id": new_id(), "evaluator_id": f"expert-{seat}"}
            dataset.publish(evaluation_events.EvaluatorAssigned(**case.facts, **assignment, seat=seat, due_at=dataset.now), policy)
            declared = evaluation_events.EvaluatorDeclared(**case.facts, **assignment)
            dataset.publish(declared, policy, f"expert-{seat}")
            dataset.add("applications", ReaderRow(**assignment, application_id=case.id, declared=True), _reading(case, f"expert-{seat}"))
            dataset.add(
                "evaluation",
                evaluation.AssignmentRow(
                    **case.facts, id=assignment["assignment_id"], evaluator_id=f"expert-{seat}", seat=seat,
                    organisation_id=case.organisation_id, state="scored", scores=sheet,
                    total_points=sum(sheet.values()), assigned_at=START, due_at=START, declared_at=START, scored_at=START,
                ),
            )  # fmt: skip
        result = case.result
        completed = evaluation_events.EvaluationCompleted(
            **case.facts, total_hundredths=result.total, score_sheets=2, divergent=False, passed=not result.failed
        )
        dataset.publish(completed, policy, "expert-2")
        (row,) = dataset.find("evaluation", evaluation.CaseRow, application_id=case.id)
        row.completed_at, row.total_hundredths, row.score_sheets = dataset.now, result.total, 2
        row.criteria, row.failed_rules = result.criteria, list(result.failed)


def rank(dataset: Dataset, call: Call, cases: list[Case]) -> None:
    """Approves the ranked list by an officer."""
    policy = call.policy
    entries = [
        ranking.ListEntry(case.id, case.amount_minor, case.amount_minor, case.result.total, case.result.criteria, case.result.failed)
        for case in cases
    ]
    assert policy.evaluation is not None
    listing = ranking.Listing(
        call.id, "ranking", policy.id, policy.currency, call.envelope_minor, tuple(c.id for c in policy.evaluation.criteria),
        policy.selection.ties, tuple(entries), policy.selection.when_short,
        policy.value.smallest_minor if policy.selection.when_short == "partial" else None,
    )  # fmt: skip
    seed = seed_of(listing.hash(), NONCE)
    ranked = ranking.rank_entries(listing, seed)
    for each in ranked:
        (row,) = dataset.find("evaluation", evaluation.CaseRow, application_id=each.entry.application_id)
        row.rank = each.rank
    outcomes: dict[str, str] = {str(each.entry.application_id): each.outcome for each in ranked}
    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in ("granted", "reserve", "refused")}
    approved = evaluation_events.RankingApproved(
        **call.facts, selection_method="ranking", list_hash=listing.hash(), **counts, nonce=NONCE, seed=seed
    )
    dataset.publish(approved, policy, "officer-2")
    dataset.add(
        "evaluation",
        evaluation.RankingRow(
            call_id=call.id, list_hash=listing.hash(), list_text=listing.text(), seed=seed, approved_by="officer-2",
            approved_at=dataset.now, outcomes=outcomes,
        ),
    )  # fmt: skip


def hold_and_erase(dataset: Dataset, policy: Policy) -> dict[str, UUID]:
    """A hold that was lifted, and an erasure, each on an organisation without a case and by two persons. Their ids by name."""
    held, erased, hold_id, erasure_id = (new_id() for _ in range(4))
    about = {"hold_id": hold_id, "subject_kind": "organisation", "subject_id": held, "region": policy.region}
    dataset.publish(applications_events.LegalHoldPlaced(**about), None, "officer-1")
    placed_at = dataset.now
    dataset.publish(applications_events.LegalHoldLifted(**about), None, "officer-2")
    asked = {"organisation_id": erased, "region": policy.region, "erasure_id": erasure_id}
    dataset.publish(applications_events.ErasureRequested(**asked), None, "officer-1")
    requested_at = dataset.now
    dataset.publish(applications_events.SubjectErased(**asked), None, "officer-2")
    dataset.add(
        "applications",
        HoldRow(
            id=hold_id, region=policy.region, subject_kind="organisation", subject_id=held, reason="audit", placed_by="officer-1",
            placed_at=placed_at, lifted_at=requested_at, lifted_by="officer-2", lifting_reason="over",
        ),
        ErasureRow(
            id=erasure_id, organisation_id=erased, region=policy.region, reason="request-of-the-subject", requested_by="officer-1",
            requested_at=requested_at, confirmed_by="officer-2", confirmed_at=dataset.now,
        ),
    )  # fmt: skip
    return {"held": held, "erasure": erasure_id}


def add_file(dataset: Dataset, case: Case, folder: Path) -> UUID:
    """A file of the submitted application; what is in the store is ciphertext to `verify`."""
    file_id, stored = new_id(), b"ciphertext"
    path = folder / name_of(file_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(stored)
    row = FileRow(
        id=file_id, application_id=case.id, organisation_id=case.organisation_id, region=case.call.policy.region, question="extra.offer",
        name="offer.pdf", media_type="application/pdf", size_bytes=9, sha256="00" * 32, stored_sha256=hashlib.sha256(stored).hexdigest(),
        scan="clean", uploaded_by="applicant-1", uploaded_at=START, revision=1,
    )  # fmt: skip
    dataset.add("applications", row)
    return file_id


def decide(dataset: Dataset, case: Case, outcome: str, number: int, cause: UUID, rules: tuple[str, ...] = ()) -> UUID:
    """Adds a decision with its row and supersedes an earlier one. Returns the event's id."""
    policy, award = case.call.policy, derive_id(case.id, "award", 1)
    (row,) = dataset.find("evaluation", evaluation.CaseRow, application_id=case.id)
    rank = row.rank = row.rank or case.sequence
    for earlier in dataset.find("evaluation", evaluation.DecisionRow, application_id=case.id):
        earlier.superseded_at = dataset.now
    granted = {"award_id": award, "voucher_id": derive_id(award, "voucher"), "grant_number": 1} if outcome == "granted" else {}
    dataset.add(
        "evaluation",
        evaluation.DecisionRow(
            id=new_id(), application_id=case.id, call_id=case.call.id, number=number, outcome=outcome, rules=list(rules),
            amount_minor=case.amount_minor, decided_at=dataset.now, **granted,
        ),
    )  # fmt: skip
    (shown,) = dataset.find("applications", ApplicationRow, id=case.id)
    shown.decision, shown.decided_at = outcome, dataset.now
    if outcome == "reserve":
        return dataset.publish(
            evaluation_events.PlacedOnReserveList(**case.facts, position=rank), policy, reason="envelope-exhausted", cause=cause
        )
    if outcome == "refused":
        return dataset.publish(evaluation_events.AwardRefused(**case.facts, rules=list(rules)), policy, reason=rules[0], cause=cause)
    event = evaluation_events.AwardGranted(
        **case.facts, award_id=award, grant_number=1, organisation_id=case.organisation_id, scheme=policy.scheme,
        amount_minor=case.amount_minor, currency=policy.currency, policy_id=policy.id, rank=rank, from_reserve=number > 1,
    )  # fmt: skip
    return dataset.publish(event, policy, cause=cause)
