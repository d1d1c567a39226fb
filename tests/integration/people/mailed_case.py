"""An application of an organisation, and the events about it that become mails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.applications import (
    ApplicantJoined,
    ApplicationReturned,
    ApplicationSubmitted,
    CallExtended,
    CallPublished,
)
from shared.contracts.evaluation import (
    AwardGranted,
    QuestionAnswered,
    RankingApproved,
)
from shared.contracts.payments import OrderRerouted
from shared.contracts.vouchers import ChangeDecided, MilestoneReached, VoucherExtended, VoucherIssued, VoucherOffered
from shared.identity.actor import Actor
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.people.conftest import START, Desk
from tests.integration.people.test_organisations import registered
from tests.support.evaluation import RANKING, Scene

DAY = timedelta(days=1)


@dataclass
class Case:
    """An application of an organisation, and the honest events about it."""

    organisation_id: UUID
    scene: Scene

    @property
    def about(self) -> dict[str, Any]:
        return self.scene.of_case(1)

    @property
    def voucher(self) -> dict[str, Any]:
        return {**self.about, "voucher_id": UUID(int=7), "organisation_id": self.organisation_id}

    @property
    def money(self) -> dict[str, Any]:
        return {"amount_minor": 500_000, "currency": self.scene.policy.currency}

    def submitted(self, revision: int = 1) -> ApplicationSubmitted:
        return ApplicationSubmitted(
            **self.about, revision=revision, sequence=1, receipt="KRT-0001", submitted_at=START, organisation_id=self.organisation_id,
            requested_minor=500_000, currency=self.scene.policy.currency, policy_id=self.scene.policy.id,
        )  # fmt: skip

    def begun(self) -> ApplicantJoined:
        return ApplicantJoined(**self.about, organisation_id=self.organisation_id, policy_id=self.scene.policy.id)

    def returned(self) -> ApplicationReturned:
        return ApplicationReturned(**self.about, revision=1, repair_by=START + 5 * DAY, fields=["project.title"])

    def granted(self) -> AwardGranted:
        return AwardGranted(
            **self.about, **self.money, award_id=new_id(), grant_number=1, organisation_id=self.organisation_id,
            scheme=self.scene.policy.scheme, policy_id=self.scene.policy.id, rank=1, from_reserve=False,
        )  # fmt: skip

    def offered(self) -> VoucherOffered:
        return VoucherOffered(**self.voucher, **self.money, award_id=new_id(), answer_by=START + 10 * DAY)

    def issued(self) -> VoucherIssued:
        return VoucherIssued(
            **self.voucher, **self.money, code="KRT-1", policy_id=self.scene.policy.id, payment_mode="reimbursement",
            valid_until=START + 100 * DAY, claim_window_until=START + 130 * DAY,
        )  # fmt: skip

    def extended(self) -> VoucherExtended:
        days = {"valid_until": 200, "claim_window_until": 230, "previous_valid_until": 100, "previous_claim_window_until": 130}
        voucher = {name: value for name, value in self.voucher.items() if name != "organisation_id"}
        return VoucherExtended(**voucher, **{name: START + n * DAY for name, n in days.items()})

    @property
    def claim(self) -> dict[str, Any]:
        return {**self.about, "voucher_id": self.voucher["voucher_id"], "claim_id": new_id()}

    @property
    def booking(self) -> dict[str, Any]:
        return {**self.about, "voucher_id": self.voucher["voucher_id"], "booking_id": new_id(), "session_id": new_id()}

    def changed(self, kind: str, *, granted: bool) -> ChangeDecided:
        voucher = {name: value for name, value in self.voucher.items() if name != "organisation_id"}
        return ChangeDecided(**voucher, change_id=new_id(), kind=kind, granted=granted)

    def rerouted(self, provider_organisation_id: UUID) -> OrderRerouted:
        voucher = {name: value for name, value in self.voucher.items() if name != "organisation_id"}
        return OrderRerouted(**voucher, order_id=UUID(int=11), provider_id=UUID(int=12), provider_organisation_id=provider_organisation_id)

    def answered(self, evaluator_id: str) -> QuestionAnswered:
        return QuestionAnswered(**self.about, question_id=new_id(), assignment_id=UUID(int=9), evaluator_id=evaluator_id)

    def moved(self) -> CallExtended:
        days = {"closes_at": 40, "previous_closes_at": 30, "evaluation_due_at": 80, "reserve_list_ends_at": 140}
        return CallExtended(call_id=self.scene.call_id, region=self.scene.region, **{name: START + n * DAY for name, n in days.items()})

    def published(self) -> CallPublished:
        return self.scene.published().model_copy(update={"closes_at": START + 30 * DAY})

    def listed(self) -> RankingApproved:
        return RankingApproved(
            call_id=self.scene.call_id, region=self.scene.region, selection_method=self.scene.method, list_hash="0" * 64, granted=1,
            reserve=0, refused=0, nonce="n", seed="s",
        )  # fmt: skip

    def closing(self, at: datetime = START) -> MilestoneReached:
        call = self.scene.call_id
        return MilestoneReached(subject_id=call, case_id=call, region=self.scene.region, kind=MilestoneKind.CALL_CLOSING_SOON, due_at=at)

    def reached(self, kind: MilestoneKind, at: datetime = START) -> MilestoneReached:
        about = {"subject_id": UUID(int=7), "case_id": self.about["application_id"], "region": self.scene.region}
        return MilestoneReached(**about, kind=kind, due_at=at)


async def case_of(desk: Desk, method: Any = RANKING, *, submitted: bool = True, title: dict[str, str] | None = None) -> tuple[Actor, Case]:
    owner, organisation = await registered(desk)
    case = Case(UUID(organisation), Scene(method))
    published = case.published().model_copy(update={"title": title})
    await desk.deliver(published, *([case.submitted()] if submitted else []))
    return owner, case
