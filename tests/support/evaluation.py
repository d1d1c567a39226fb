"""Inputs for tests of `evaluation`: actors, and a call with its events as `applications`, `vouchers` and `payments` publish them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.evaluation.domain.screening import eligible_hash
from shared.classifications.identity_keys import relation_hash
from shared.contracts.applications import (
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CallClosed,
    CallPublished,
    ScreeningCompleted,
)
from shared.contracts.common import Relation
from shared.contracts.payments import EnvelopeChanged, FundsAdded, FundsReleased
from shared.contracts.vouchers import MilestoneReached, VoucherNotFunded
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import MilestoneKind, SelectionMethod
from shared.policy.schema import Policy
from tests.support.policies import BOOK, MONEY, policy_named

KEY = bytes(32)
RANKING, DRAW, FIRST_COME = SelectionMethod.RANKING, SelectionMethod.DRAW, SelectionMethod.FIRST_COME
HERE = {RANKING: "gr-central-macedonia", DRAW: "be-kortrijk", FIRST_COME: "hr-koprivnica"}
START = datetime(2025, 12, 5, 9, tzinfo=UTC)
OPENS, CLOSES = START + timedelta(days=5), START + timedelta(days=40)
EVALUATION_DUE, RESERVE_ENDS = START + timedelta(days=80), START + timedelta(days=140)
AWARD = 500_000


def actor(name: str, role: Role, method: SelectionMethod = RANKING) -> Actor:
    return Actor(name, grants({role}, {HERE[method]}), UUID(int=1) if role is Role.APPLICANT else None)


def officer(method: SelectionMethod = RANKING, name: str = "officer-1") -> Actor:
    return actor(name, Role.OFFICER, method)


def evaluator(name: str) -> Actor:
    return actor(name, Role.EVALUATOR)


@dataclass
class Scene:
    """One call and the events about it. `envelope` is in minor units; by default it holds two awards of `AWARD`."""

    method: SelectionMethod = RANKING
    envelope: int = 2 * AWARD
    call_id: UUID = field(default_factory=new_id)

    @property
    def region(self) -> str:
        return HERE[self.method]

    @property
    def policy(self) -> Policy:
        return policy_named(BOOK, MONEY[self.region])

    def application(self, sequence: int) -> UUID:
        return derive_id(self.call_id, "application", sequence)

    def of_case(self, sequence: int) -> dict[str, object]:
        return {"application_id": self.application(sequence), "call_id": self.call_id, "region": self.region}

    def published(self) -> CallPublished:
        return CallPublished(
            call_id=self.call_id,
            region=self.region,
            slug="call-1",
            scheme=self.policy.scheme,
            policy_id=self.policy.id,
            selection_method=self.method,
            currency=self.policy.currency,
            envelope_minor=self.envelope,
            opens_at=OPENS,
            closes_at=CLOSES,
            evaluation_due_at=EVALUATION_DUE,
            reserve_list_ends_at=RESERVE_ENDS,
        )

    def submitted(self, sequence: int, revision: int = 1) -> ApplicationSubmitted:
        return ApplicationSubmitted(
            **self.of_case(sequence),  # type: ignore[arg-type]
            revision=revision,
            sequence=sequence,
            receipt=f"X-{sequence}",
            submitted_at=OPENS,
            organisation_id=self.application(sequence),
            requested_minor=AWARD,
            currency=self.policy.currency,
            policy_id=self.policy.id,
        )

    def moved(self, sequence: int, to: int) -> ApplicationSubmitted:
        """The application of `sequence` has lost its place."""
        new_place = {"sequence": to, "revision": 2, "previous_sequence": sequence}
        return self.submitted(sequence).model_copy(update=new_place)

    def eligible_after_move(self, sequence: int, to: int) -> ApplicationFoundEligible:
        return self.eligible(sequence).model_copy(update={"sequence": to})

    def eligible(self, sequence: int, amount: int = AWARD, *, language: str = "en", tax_number: str = "") -> ApplicationFoundEligible:
        relations = [Relation(kind="tax-number", hash=relation_hash(KEY, "tax-number", tax_number))] if tax_number else []
        return ApplicationFoundEligible(
            **self.of_case(sequence),  # type: ignore[arg-type]
            sequence=sequence,
            submitted_at=OPENS + timedelta(hours=sequence),
            organisation_id=self.application(sequence),
            requested_minor=amount,
            amount_minor=amount,
            currency=self.policy.currency,
            policy_id=self.policy.id,
            language=language,
            topics=["design"],
            relations=relations,
        )

    def ineligible(self, sequence: int) -> ApplicationFoundIneligible:
        return ApplicationFoundIneligible(**self.of_case(sequence), sequence=sequence, rules=["seat"])  # type: ignore[arg-type]

    def withdrawn(self, sequence: int) -> ApplicationWithdrawn:
        return ApplicationWithdrawn(**self.of_case(sequence), sequence=sequence)  # type: ignore[arg-type]

    def closed(self, submitted: int) -> CallClosed:
        return CallClosed(call_id=self.call_id, region=self.region, closed_at=CLOSES, submitted=submitted)

    def screened(self, *sequences: int) -> ScreeningCompleted:
        named = eligible_hash([self.application(sequence) for sequence in sequences])
        return ScreeningCompleted(call_id=self.call_id, region=self.region, eligible=len(sequences), eligible_hash=named)

    def milestone(self, kind: MilestoneKind, due_at: datetime) -> MilestoneReached:
        return MilestoneReached(subject_id=self.call_id, case_id=self.call_id, region=self.region, kind=kind, due_at=due_at)

    def appeals_over(self) -> MilestoneReached:
        return self.milestone(MilestoneKind.APPEALS_OVER, START + timedelta(days=100))

    def reserve_list_ends(self) -> MilestoneReached:
        return self.milestone(MilestoneKind.RESERVE_LIST_ENDS, RESERVE_ENDS)

    def award(self, sequence: int, grant: int = 1) -> UUID:
        return derive_id(self.application(sequence), "award", grant)

    def released(self, sequence: int, amount: int = AWARD, grant: int = 1) -> FundsReleased:
        return FundsReleased(
            **self.of_case(sequence),  # type: ignore[arg-type]
            voucher_id=derive_id(self.award(sequence, grant), "voucher"),
            amount_minor=amount,
            currency=self.policy.currency,
            available_minor=amount,
        )

    def added(self, sequence: int, amount: int) -> FundsAdded:
        return FundsAdded(
            **self.of_case(sequence),  # type: ignore[arg-type]
            voucher_id=derive_id(self.award(sequence), "voucher"),
            change_id=new_id(),
            amount_minor=amount,
            currency=self.policy.currency,
            available_minor=0,
        )

    def envelope_changed(self, change: int) -> EnvelopeChanged:
        return EnvelopeChanged(
            call_id=self.call_id, region=self.region, change_id=new_id(), change_minor=change, amount_minor=self.envelope + change,
            currency=self.policy.currency, available_minor=max(0, change),
        )  # fmt: skip

    def not_funded(self, sequence: int, grant: int = 1, rule: str | None = None) -> VoucherNotFunded:
        award_id = self.award(sequence, grant)
        about = {"voucher_id": derive_id(award_id, "voucher"), "award_id": award_id, "rule": rule}
        return VoucherNotFunded(**self.of_case(sequence), **about)  # type: ignore[arg-type]
