"""Single deadlines: repair of an application, check of a claim, silence of the bank."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.vouchers.deadlines.timers import milestone_workflow
from shared.contracts import applications, payments
from shared.contracts.applications import ApplicationReturned, ApplicationSubmitted, CallPublished
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from tests.workflows.programme import BEGINNING, ORGANISATION, Programme
from tests.workflows.test_call_calendar import publish

DAY = timedelta(days=1)


def case(programme: Programme) -> dict[str, Any]:
    return {"application_id": programme.application_id, "call_id": programme.call_id, "region": programme.policy.region}


def returned(programme: Programme, revision: int, repair_by: datetime) -> ApplicationReturned:
    return ApplicationReturned(**case(programme), revision=revision, repair_by=repair_by, fields=["nuts"])


def submitted(programme: Programme, revision: int) -> ApplicationSubmitted:
    money = {"requested_minor": 1, "currency": "EUR", "policy_id": programme.policy.id}
    facts: dict[str, Any] = {"sequence": 1, "receipt": "KRT-1", "submitted_at": BEGINNING, "organisation_id": ORGANISATION}
    return ApplicationSubmitted(**case(programme), revision=revision, **facts, **money)


async def ended(programme: Programme, subject_id: UUID, kind: MilestoneKind) -> None:
    await programme.client.get_workflow_handle(milestone_workflow(subject_id, kind)).result()


async def test_repair_without_correction_reaches_its_end(programme: Programme) -> None:
    await publish(programme)
    await programme.deliver(returned(programme, 1, BEGINNING + 7 * DAY))
    await programme.go_to(BEGINNING + 7 * DAY)
    await ended(programme, programme.application_id, MilestoneKind.REPAIR_ENDS)
    await programme.relay()
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 7 * DAY)]


async def test_corrected_application_ends_its_repair(programme: Programme) -> None:
    await publish(programme)
    await programme.deliver(returned(programme, 1, BEGINNING + 7 * DAY))
    await programme.deliver(submitted(programme, 2))
    await ended(programme, programme.application_id, MilestoneKind.REPAIR_ENDS)
    await programme.go_to(BEGINNING + 8 * DAY)
    assert programme.milestones_of(programme.application_id) == []


async def test_submission_before_the_return_does_not_end_the_repair(programme: Programme) -> None:
    """The two events arrive in reverse order."""
    await publish(programme)
    await programme.deliver(returned(programme, 1, BEGINNING + 7 * DAY))
    await programme.deliver(submitted(programme, 1), ago=timedelta(hours=1))
    await programme.go_to(BEGINNING + 7 * DAY)
    await ended(programme, programme.application_id, MilestoneKind.REPAIR_ENDS)
    await programme.relay()
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 7 * DAY)]


async def test_application_returned_twice_has_a_new_deadline(programme: Programme) -> None:
    """Corrected and returned again before the workflow of the first deadline has run."""
    await publish(programme)
    await programme.deliver(
        returned(programme, 1, BEGINNING + 7 * DAY), submitted(programme, 2), returned(programme, 2, BEGINNING + 12 * DAY)
    )
    await programme.go_to(BEGINNING + 11 * DAY)
    assert programme.milestones_of(programme.application_id) == []
    await programme.go_to(BEGINNING + 12 * DAY)
    await programme.wait_for(MilestoneReached, 2)
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 12 * DAY)]


async def test_return_before_its_call_is_parked(programme: Programme) -> None:
    await programme.deliver(returned(programme, 1, BEGINNING + 7 * DAY))
    await publish(programme)
    await programme.go_to(BEGINNING + 7 * DAY)
    await programme.wait_for(MilestoneReached, 2)
    assert CallPublished in programme.desk.handlers
    assert programme.milestones_of(programme.application_id)


async def test_claim_check_is_due_for_unchecked_claims_only(programme: Programme) -> None:
    await programme.issued()
    checked, unchecked = await programme.claim(), await programme.claim()
    rejected = payments.ClaimRejected(**programme.about, claim_id=checked, rules=["no-evidence"])
    await programme.deliver(rejected)
    await programme.go_to(BEGINNING + 40 * DAY)
    await programme.wait_for(MilestoneReached)
    assert [event.subject_id for event in programme.published(MilestoneReached)] == [unchecked]


async def test_bank_silence_is_announced_for_a_missing_answer(programme: Programme) -> None:
    await programme.issued()
    first, second, batch = new_id(), new_id(), new_id()
    accepted = payments.DisbursementAccepted(**programme.about, disbursement_id=first, attempt=1, batch_id=batch)
    sent = payments.BatchSent(
        batch_id=batch, region=programme.policy.region, disbursement_ids=[first, second], answer_by=BEGINNING + 3 * DAY
    )
    await programme.deliver(accepted, sent)
    await programme.go_to(BEGINNING + 3 * DAY)
    silence = await programme.wait_for(MilestoneReached)
    assert (silence.subject_id, silence.kind, silence.case_id) == (batch, "bank-silence", batch)


async def test_bank_silence_ends_when_all_answers_have_come(programme: Programme) -> None:
    """One answer arrives before BatchSent, the other one is the booking itself."""
    await programme.issued()
    first, second, batch = new_id(), new_id(), new_id()
    about = {**programme.about, "attempt": 1, "batch_id": batch}
    rejected = payments.DisbursementRejected(**about, disbursement_id=first, bank_reason="AC04")
    money = {"amount_minor": 1_000, "currency": "EUR", "booked_on": BEGINNING.date()}
    paid = payments.DisbursementPaid(**about, disbursement_id=second, **money)
    sent = payments.BatchSent(
        batch_id=batch, region=programme.policy.region, disbursement_ids=[first, second], answer_by=BEGINNING + 3 * DAY
    )
    await programme.deliver(rejected, sent, paid)
    await ended(programme, batch, MilestoneKind.BANK_SILENCE)
    await programme.go_to(BEGINNING + 4 * DAY)
    assert programme.milestones_of(batch) == []
    assert (await programme.row()).redeemed_minor == 1_000


async def test_bank_silence_of_a_rolled_back_event_ends_as_well(programme: Programme) -> None:
    """The first attempt at BatchSent starts the workflow and is rolled back. Before the second one the bank has answered."""
    await programme.issued()
    only, batch = new_id(), new_id()
    rejected = payments.DisbursementRejected(**programme.about, disbursement_id=only, attempt=1, batch_id=batch, bank_reason="AC04")
    sent = payments.BatchSent(batch_id=batch, region=programme.policy.region, disbursement_ids=[only], answer_by=BEGINNING + 3 * DAY)
    await programme.deliver_and_crash(sent)
    await programme.deliver(rejected, sent)
    await ended(programme, batch, MilestoneKind.BANK_SILENCE)
    await programme.go_to(BEGINNING + 4 * DAY)
    assert programme.milestones_of(batch) == []


def test_events_that_end_a_repair_have_handlers(programme: Programme) -> None:
    ends = (applications.ApplicationFoundEligible, applications.ApplicationFoundIneligible, applications.ApplicationWithdrawn)
    assert all(contract in programme.desk.handlers for contract in ends)


async def test_old_return_repeated_sets_no_deadline(programme: Programme) -> None:
    """As after a republication of all events: the deadline that was reached stays reached."""
    await publish(programme)
    await programme.deliver(returned(programme, 1, BEGINNING + 7 * DAY), returned(programme, 2, BEGINNING + 12 * DAY))
    await programme.go_to(BEGINNING + 12 * DAY)
    await programme.wait_for(MilestoneReached, 2)
    await programme.deliver(returned(programme, 1, BEGINNING + 7 * DAY), returned(programme, 2, BEGINNING + 12 * DAY))
    await ended(programme, programme.application_id, MilestoneKind.REPAIR_ENDS)
    await programme.relay()
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 12 * DAY)]
