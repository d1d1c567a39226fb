"""One person tries each next step of a case; the steps that this person took before decide."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from alembic import command

from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.commands.reject_claim import reject_claim
from services.payments.commands.release_batch import release_batch
from services.payments.commands.seal_batches import seal_batches
from services.payments.commands.settle_recovery import settle_recovery
from services.payments.commands.write_off_recovery import write_off_recovery
from services.payments.domain.batches import WaitReason
from services.payments.migrate import MIGRATIONS
from services.payments.tables import ClaimRow, PayeeRow
from shared.contracts.applications import ApplicantJoined, ApplicationFoundEligible, ApplicationSubmitted
from shared.contracts.evaluation import EvaluatorAssigned
from shared.identity.actor import Actor, Role, grants
from shared.kernel.errors import Forbidden
from shared.kernel.ids import new_id
from shared.messaging.acts import ActRow
from tests.support.databases import owner_url, put_in_clear, run_as_owner
from tests.support.payments import IBANS, NOON, Payments, Voucher


def everything(payments: Payments, name: str, voucher: Voucher) -> Actor:
    """A person with all roles of the region, as a token of both sides would have it if the door let it pass."""
    return Actor(name, grants(Role, {payments.region}), voucher.organisation_id)


async def refused(attempt: Awaitable[object]) -> str:
    with pytest.raises(Forbidden) as caught:
        await attempt
    assert caught.value.code == "incompatible-step"
    return str(caught.value.facts["earlier"])


async def provider(payments: Payments) -> PayeeRow:
    """Registered by finance-8."""
    asked = NewPayee("provider", payments.region, None, "Sample Design Bureau", IBANS["EUR"][1], None)
    return await payments.run(register_payee, payments.finance(8), asked)


async def voucher_of(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


def found_eligible(payments: Payments, voucher: Voucher) -> ApplicationFoundEligible:
    return ApplicationFoundEligible(
        application_id=voucher.application_id, call_id=voucher.call_id, region=payments.region, sequence=1, submitted_at=NOON,
        organisation_id=voucher.organisation_id, requested_minor=voucher.amount_minor, amount_minor=voucher.amount_minor, currency="EUR",
        policy_id=payments.policy.id, language="hr", topics=["digital"], relations=[],
    )  # fmt: skip


async def test_person_who_lodged_the_claim_takes_no_further_step(payments: Payments) -> None:
    voucher = await voucher_of(payments)
    claim = await payments.lodged(voucher, 10_000)
    same = everything(payments, "applicant-1", voucher)
    assert await refused(payments.run(accept_claim, same, claim.id, None)) == "apply"
    await payments.run(accept_claim, payments.officer, claim.id, None)
    assert await refused(payments.run(prepare_disbursement, same, claim.id)) == "apply"


async def test_each_hand_of_a_payment_is_another_person(payments: Payments) -> None:
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    payee = await provider(payments)
    claim = await payments.accepted_for(voucher, payee.id, 10_000)
    assert await refused(payments.run(prepare_disbursement, payments.finance(8), claim.id)) == "set-provider-account"
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    assert await refused(payments.approve_as(payments.finance(1), disbursement)) == "prepare"
    await payments.approve_as(payments.finance(2), disbursement)
    change = (payee.id, None, IBANS["EUR"][0])
    for number, earlier in ((1, "prepare"), (2, "approve")):
        assert await refused(payments.run(propose_account, payments.finance(number), *change)) == earlier
    payments.clock.instant += timedelta(days=payments.policy.approvals.account_cooling_off_days)
    for number in (1, 2, 8):
        sealed = await payments.run(seal_batches, payments.finance(number), payments.region)
        assert (sealed.batches, sealed.skipped) == ([], [(disbursement.id, WaitReason.SEALER_TOOK_PART)])
    [batch] = (await payments.run(seal_batches, payments.finance(5), payments.region)).batches
    for number, earlier in ((1, "prepare"), (2, "approve"), (5, "seal"), (8, "set-provider-account")):
        assert await refused(payments.run(release_batch, payments.finance(number), batch.id)) == earlier
    await payments.run(release_batch, payments.finance(6), batch.id)


async def test_who_lodges_a_claim_sets_no_account_that_it_names(payments: Payments) -> None:
    """Nor the other way round, whether a payment is prepared or not. A beneficiary's own account is another matter."""
    payments.pay_providers()
    voucher, payee = await voucher_of(payments), await provider(payments)
    same = everything(payments, "applicant-1", voucher)
    claim = payments.new_claim(voucher, payee.id, 10_000)
    await payments.run(lodge_claim, same, claim)
    assert await refused(payments.run(propose_account, same, payee.id, None, IBANS["EUR"][0])) == "apply"
    await payments.run(propose_account, payments.finance(9), payee.id, None, IBANS["EUR"][0])
    proposal_id = await payments.open_proposal_of(payee.id)
    assert await refused(payments.run(confirm_account, same, proposal_id)) == "apply"
    await payments.run(confirm_account, payments.finance(10), proposal_id)
    other = await voucher_of(payments)
    for name, earlier in (("finance-8", "set-provider-account"), ("finance-9", "set-provider-account"), ("finance-10", "confirm-account")):
        person = everything(payments, name, other)
        assert await refused(payments.run(lodge_claim, person, payments.new_claim(other, payee.id, 10_000))) == earlier


@dataclass(frozen=True)
class TwoHands:
    """One person acts for the applicant and for an account of the provider; a colleague of each side does the rest."""

    payments: Payments
    voucher: Voucher
    payee: PayeeRow

    @property
    def eve(self) -> Actor:
        return everything(self.payments, "finance-9", self.voucher)

    async def draft(self) -> None:
        fields = {"application_id": self.voucher.application_id, "call_id": self.voucher.call_id, "region": self.payments.region}
        joined = ApplicantJoined(**fields, organisation_id=self.voucher.organisation_id, policy_id=self.payments.policy.id)
        await self.payments.deliver(joined, actor=self.eve.id)

    async def lodge_and_lose(self) -> None:
        claim = await self.payments.run(lodge_claim, self.eve, self.payments.new_claim(self.voucher, self.payee.id, 10_000))
        await self.payments.run(reject_claim, self.payments.officer, claim.id, ["no-evidence"], None)

    async def propose(self) -> None:
        await self.payments.run(propose_account, self.eve, self.payee.id, None, IBANS["EUR"][0])

    async def confirm(self, proposer: int = 10, confirmer: Actor | None = None) -> None:
        proposal_id = await self.payments.open_proposal_of(self.payee.id)
        await self.payments.run(confirm_account, confirmer or self.payments.finance(proposer), proposal_id)

    async def claim_by_colleague(self) -> ClaimRow:
        return await self.payments.accepted_for(self.voucher, self.payee.id, 10_000)


@pytest.fixture
async def two_hands(payments: Payments) -> TwoHands:
    payments.pay_providers()
    return TwoHands(payments, await voucher_of(payments), await provider(payments))


async def apart(attempt: Awaitable[object]) -> None:
    with pytest.raises(Forbidden) as caught:
        await attempt
    assert caught.value.code == "account-of-applicant"


async def test_account_set_by_a_drafter_is_not_claimed_to(two_hands: TwoHands) -> None:
    """Whichever was first, the draft or the account; a colleague lodges the claim."""
    await two_hands.draft()
    await two_hands.propose()
    await two_hands.confirm()
    await apart(two_hands.claim_by_colleague())


async def test_account_confirmed_by_a_drafter_is_not_claimed_to(two_hands: TwoHands) -> None:
    await two_hands.payments.run(propose_account, two_hands.payments.finance(11), two_hands.payee.id, None, IBANS["EUR"][0])
    await two_hands.confirm(confirmer=two_hands.payments.finance(9))
    await two_hands.draft()
    await apart(two_hands.claim_by_colleague())


async def test_claimant_of_a_rejected_claim_sets_no_account(two_hands: TwoHands) -> None:
    await two_hands.lodge_and_lose()
    assert await refused(two_hands.propose()) == "apply"
    await two_hands.payments.run(propose_account, two_hands.payments.finance(10), two_hands.payee.id, None, IBANS["EUR"][0])
    assert await refused(two_hands.confirm(confirmer=two_hands.eve)) == "apply"


async def test_account_set_while_the_claim_waits_is_not_paid(two_hands: TwoHands) -> None:
    """Proposed before anything names it, in force after the claim, or after the payment is prepared."""
    await two_hands.propose()
    await two_hands.draft()
    claim = await two_hands.claim_by_colleague()
    prepared = await two_hands.payments.run(prepare_disbursement, two_hands.payments.finance(1), claim.id)
    await two_hands.confirm()
    await apart(two_hands.payments.approve_as(two_hands.payments.finance(2), prepared))
    other = await two_hands.payments.issued(two_hands.voucher.call_id, 100_000)
    claim = await two_hands.payments.accepted_for(other, two_hands.payee.id, 10_000)
    await two_hands.payments.run(prepare_disbursement, two_hands.payments.finance(1), claim.id)


async def test_next_attempt_is_compared_with_the_account(two_hands: TwoHands) -> None:
    """The bank rejects the first one; the next names a payee whose account the applicant's member set."""
    payments = two_hands.payments
    asked = NewPayee("provider", payments.region, None, "Sample Print Works", IBANS["EUR"][0], None)
    own = await payments.run(register_payee, payments.finance(9), asked)
    await two_hands.draft()
    claim = await two_hands.claim_by_colleague()
    disbursement = await payments.approve(await payments.run(prepare_disbursement, payments.finance(1), claim.id))
    payments.clock.instant += timedelta(days=payments.policy.approvals.account_cooling_off_days)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    await apart(payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, own.id))


async def test_hands_of_an_earlier_payment_confirm_no_account(payments: Payments) -> None:
    """Of any payment to the payee, also of one that was sent long ago."""
    payments.pay_providers()
    voucher, payee = await voucher_of(payments), await provider(payments)
    claim = await payments.accepted_for(voucher, payee.id, 10_000)
    await payments.approve(await payments.run(prepare_disbursement, payments.finance(1), claim.id))
    payments.clock.instant += timedelta(days=payments.policy.approvals.account_cooling_off_days)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.run(propose_account, payments.finance(9), payee.id, None, IBANS["EUR"][0])
    proposal_id = await payments.open_proposal_of(payee.id)
    for number, earlier in ((1, "prepare"), (2, "approve"), (5, "seal"), (6, "release")):
        assert await refused(payments.run(confirm_account, payments.finance(number), proposal_id)) == earlier
    await payments.run(confirm_account, payments.finance(10), proposal_id)


async def test_hands_of_a_next_attempt_set_no_account(payments: Payments) -> None:
    """It went to a payee that no claim names. Nor does an applicant of that payment set its account."""
    payments.pay_providers()
    voucher, first = await voucher_of(payments), await provider(payments)
    asked = NewPayee("provider", payments.region, None, "Sample Print Works", IBANS["EUR"][0], None)
    second = await payments.run(register_payee, payments.finance(8), asked)
    claim = await payments.accepted_for(voucher, first.id, 10_000)
    disbursement = await payments.approve(await payments.run(prepare_disbursement, payments.finance(3), claim.id))
    payments.clock.instant += timedelta(days=payments.policy.approvals.account_cooling_off_days)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, second.id)
    await payments.approve_as(payments.finance(2), disbursement)
    payments.clock.instant += timedelta(days=payments.policy.approvals.account_cooling_off_days)
    await payments.seal()
    await payments.outgoing.send_all()
    applicant = everything(payments, "applicant-1", voucher)
    assert await refused(payments.run(propose_account, applicant, second.id, None, IBANS["EUR"][1])) == "apply"
    for number, earlier in ((1, "prepare"), (2, "approve"), (5, "seal"), (6, "release")):
        assert await refused(payments.run(propose_account, payments.finance(number), second.id, None, IBANS["EUR"][1])) == earlier
    await payments.run(propose_account, payments.finance(9), second.id, None, IBANS["EUR"][1])
    proposal_id = await payments.open_proposal_of(second.id)
    for number, earlier in ((1, "prepare"), (2, "approve")):
        assert await refused(payments.run(confirm_account, payments.finance(number), proposal_id)) == earlier
    await payments.run(confirm_account, payments.finance(10), proposal_id)


async def test_release_counts_in_the_later_payments_of_a_case(payments: Payments) -> None:
    voucher = await voucher_of(payments)
    await payments.sent(voucher, 10_000)
    claim = await payments.accepted(voucher, 10_000)
    assert await refused(payments.run(prepare_disbursement, payments.finance(6), claim.id)) == "release"
    assert await refused(payments.run(prepare_disbursement, payments.finance(5), claim.id)) == "seal"


async def test_who_decided_in_a_case_and_joined_later_sets_no_account(payments: Payments) -> None:
    """Neither the first account of the organisation nor another one."""
    voucher = await voucher_of(payments)
    await payments.deliver(found_eligible(payments, voucher), actor="officer-9")
    member = everything(payments, "officer-9", voucher)
    own = NewPayee("beneficiary", payments.region, voucher.organisation_id, "Sample Studio", IBANS["EUR"][0], None)
    assert await refused(payments.run(register_payee, member, own)) == "screen"
    payee = await payments.run(register_payee, everything(payments, "applicant-1", voucher), own)
    assert await refused(payments.run(propose_account, member, payee.id, None, IBANS["EUR"][1])) == "screen"


async def test_every_setter_of_the_account_counts_not_the_latest(payments: Payments) -> None:
    """Two persons set and confirm a number, two others correct only the name: none of them may prepare or approve."""
    payments.pay_providers()
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    payee = await provider(payments)
    for proposer, confirmer, name in ((9, 10, None), (11, 12, "Sample Design Bureau obrt")):
        await payments.run(propose_account, payments.finance(proposer), payee.id, name, IBANS["EUR"][0])
        proposal_id = await payments.open_proposal_of(payee.id)
        assert await refused(payments.run(confirm_account, payments.finance(proposer), proposal_id)) == "set-provider-account"
        assert await refused(payments.run(confirm_account, payments.finance(8), proposal_id)) == "set-provider-account"
        await payments.run(confirm_account, payments.finance(confirmer), proposal_id)
    claim = await payments.accepted_for(voucher, payee.id, 10_000)
    disbursement = await payments.run(prepare_disbursement, payments.finance(1), claim.id)
    for number, earlier in (
        (8, "set-provider-account"),
        (9, "set-provider-account"),
        (10, "confirm-account"),
        (11, "set-provider-account"),
        (12, "confirm-account"),
    ):
        assert await refused(payments.approve_as(payments.finance(number), disbursement)) == earlier
    other = await payments.accepted_for(voucher, payee.id, 10_000)
    for number, earlier in ((9, "set-provider-account"), (10, "confirm-account")):
        assert await refused(payments.run(prepare_disbursement, payments.finance(number), other.id)) == earlier


@pytest.mark.parametrize("close", [settle_recovery, write_off_recovery])
async def test_recovery_is_closed_by_another_person(payments: Payments, close: Callable[..., Awaitable[object]]) -> None:
    voucher = await voucher_of(payments)
    await payments.paid(voucher, 10_000)
    recovery = await payments.run(order_recovery, payments.finance(6), voucher.id, 5_000, "irregularity")
    assert await refused(payments.run(close, payments.finance(6), recovery.id, "CREDIT-1")) == "order-recovery"
    await payments.run(close, payments.finance(7), recovery.id, "CREDIT-1")


async def test_steps_taken_in_other_services_count(payments: Payments) -> None:
    """Who submitted, screened or was assigned to the application is known from the events."""
    voucher = await voucher_of(payments)
    case = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region}
    submitted = ApplicationSubmitted(
        **case, revision=1, sequence=1, receipt="KOP-26-000001-A", submitted_at=NOON, organisation_id=voucher.organisation_id,
        requested_minor=voucher.amount_minor, currency="EUR", policy_id=payments.policy.id,
    )  # fmt: skip
    eligible = found_eligible(payments, voucher)
    assigned = EvaluatorAssigned(**case, assignment_id=new_id(), evaluator_id="evaluator-1", seat=1, due_at=NOON)
    await payments.deliver(submitted, actor="both-sides-1")
    await payments.deliver(eligible, actor="both-sides-2")
    await payments.deliver(assigned, actor="system")
    claim = await payments.lodged(voucher, 10_000)
    assert await refused(payments.run(accept_claim, everything(payments, "both-sides-1", voucher), claim.id, None)) == "apply"
    payee = await payments.payee(voucher)
    for name, earlier in (("both-sides-2", "screen"), ("evaluator-1", "score")):
        person = Actor(name, grants({Role.APPLICANT}, {payments.region}), voucher.organisation_id)
        assert await refused(payments.run(lodge_claim, person, payments.new_claim(voucher, payee.id, 10_000))) == earlier


async def test_hands_from_before_the_duties_become_acts(payments: Payments) -> None:
    """Who set accounts and sealed files in an earlier version is known after the migrations."""
    await payments.paid(await voucher_of(payments), 10_000)
    url = owner_url(payments.engine.url.render_as_string(hide_password=False))
    await run_as_owner(payments.engine, "DELETE FROM acts WHERE duty IN ('seal', 'set-account')")
    await put_in_clear(payments.sessions, "payments")
    await payments.engine.dispose()
    await asyncio.to_thread(command.downgrade, MIGRATIONS._config(url), "payments_0009")
    await asyncio.to_thread(MIGRATIONS.upgrade, url)
    acts = {(act.duty, act.actor) for act in await payments.rows(ActRow)}
    assert {("seal", "finance-5"), ("set-account", "applicant-1")} <= acts
