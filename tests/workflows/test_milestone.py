"""Single deadlines: repair of an application, check of a claim, silence of the bank."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.vouchers.lifecycles import milestone_workflow
from shared.contracts import applications, payments
from shared.contracts.applications import ApplicationReturned, ApplicationSubmitted, CallPublished
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import new_id
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


async def ended(programme: Programme, subject_id: UUID, kind: str) -> None:
    await programme.client.get_workflow_handle(milestone_workflow(subject_id, kind)).result()


async def test_a_file_that_is_not_mended_reaches_the_end_of_its_repair(programme: Programme) -> None:
    await publish(programme)
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY))
    await programme.go_to(BEGINNING + 7 * DAY)
    await ended(programme, programme.application_id, "repair-ends")
    await programme.deliver()
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 7 * DAY)]


async def test_a_mended_file_does_not(programme: Programme) -> None:
    await publish(programme)
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY))
    await programme.tell(submitted(programme, 2))
    await ended(programme, programme.application_id, "repair-ends")
    await programme.go_to(BEGINNING + 8 * DAY)
    assert programme.milestones_of(programme.application_id) == []


async def test_the_submission_before_the_return_is_no_mending(programme: Programme) -> None:
    """Heard in reverse."""
    await publish(programme)
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY))
    await programme.tell(submitted(programme, 1), earlier=timedelta(hours=1))
    await programme.go_to(BEGINNING + 7 * DAY)
    await ended(programme, programme.application_id, "repair-ends")
    await programme.deliver()
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 7 * DAY)]


async def test_a_file_returned_twice_has_a_new_deadline(programme: Programme) -> None:
    """Mended and returned again before the first deadline's workflow has noticed either."""
    await publish(programme)
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY), submitted(programme, 2), returned(programme, 2, BEGINNING + 12 * DAY))
    await programme.go_to(BEGINNING + 11 * DAY)
    assert programme.milestones_of(programme.application_id) == []
    await programme.go_to(BEGINNING + 12 * DAY)
    await programme.wait_for(MilestoneReached, 2)
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 12 * DAY)]


async def test_a_return_waits_for_its_call(programme: Programme) -> None:
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY))
    await publish(programme)
    await programme.go_to(BEGINNING + 7 * DAY)
    await programme.wait_for(MilestoneReached, 2)
    assert CallPublished in programme.handlers
    assert programme.milestones_of(programme.application_id)


async def test_a_claim_is_due_for_its_check_until_it_is_checked(programme: Programme) -> None:
    await programme.issued()
    checked, unchecked = await programme.claim(), await programme.claim()
    rejected = payments.ClaimRejected(**programme.about, claim_id=checked, rules=["no-evidence"])
    await programme.tell(rejected)
    await programme.go_to(BEGINNING + 40 * DAY)
    await programme.wait_for(MilestoneReached)
    assert [event.subject_id for event in programme.heard(MilestoneReached)] == [unchecked]


async def test_the_bank_is_silent_when_it_has_not_answered_on_all(programme: Programme) -> None:
    first, second, batch = new_id(), new_id(), new_id()
    accepted = payments.DisbursementAccepted(**programme.about, disbursement_id=first, attempt=1, batch_id=batch)
    sent = payments.BatchSent(
        batch_id=batch, region=programme.policy.region, disbursement_ids=[first, second], answer_by=BEGINNING + 3 * DAY
    )
    await programme.tell(accepted, sent)
    await programme.go_to(BEGINNING + 3 * DAY)
    silence = await programme.wait_for(MilestoneReached)
    assert (silence.subject_id, silence.kind, silence.case_id) == (batch, "bank-silence", batch)


async def test_the_bank_is_not_silent_when_it_has(programme: Programme) -> None:
    """One answer comes before the sending is heard of, the other is the booking itself."""
    await programme.issued()
    first, second, batch = new_id(), new_id(), new_id()
    about = {**programme.about, "attempt": 1, "batch_id": batch}
    rejected = payments.DisbursementRejected(**about, disbursement_id=first, bank_reason="AC04")
    money = {"amount_minor": 1_000, "currency": "EUR", "booked_on": BEGINNING.date()}
    paid = payments.DisbursementPaid(**about, disbursement_id=second, **money)
    sent = payments.BatchSent(
        batch_id=batch, region=programme.policy.region, disbursement_ids=[first, second], answer_by=BEGINNING + 3 * DAY
    )
    await programme.tell(rejected, sent, paid)
    await ended(programme, batch, "bank-silence")
    await programme.go_to(BEGINNING + 4 * DAY)
    assert programme.milestones_of(batch) == []
    assert (await programme.row()).redeemed_minor == 1_000


async def test_what_an_undone_sending_began_ends_with_answers_heard_before_it(programme: Programme) -> None:
    """Taken in vain, it leaves its workflow behind; when it is heard again the bank has answered."""
    only, batch = new_id(), new_id()
    rejected = payments.DisbursementRejected(**programme.about, disbursement_id=only, attempt=1, batch_id=batch, bank_reason="AC04")
    sent = payments.BatchSent(batch_id=batch, region=programme.policy.region, disbursement_ids=[only], answer_by=BEGINNING + 3 * DAY)
    await programme.tell_in_vain(sent)
    await programme.tell(rejected, sent)
    await ended(programme, batch, "bank-silence")
    await programme.go_to(BEGINNING + 4 * DAY)
    assert programme.milestones_of(batch) == []


def test_every_event_that_ends_a_repair_is_heard(programme: Programme) -> None:
    ends = (applications.ApplicationFoundEligible, applications.ApplicationFoundIneligible, applications.ApplicationWithdrawn)
    assert all(contract in programme.handlers for contract in ends)


async def test_an_old_return_heard_again_sets_nothing(programme: Programme) -> None:
    """As after a rebuild: the deadline that was reached stays reached."""
    await publish(programme)
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY), returned(programme, 2, BEGINNING + 12 * DAY))
    await programme.go_to(BEGINNING + 12 * DAY)
    await programme.wait_for(MilestoneReached, 2)
    await programme.tell(returned(programme, 1, BEGINNING + 7 * DAY), returned(programme, 2, BEGINNING + 12 * DAY))
    await ended(programme, programme.application_id, "repair-ends")
    await programme.deliver()
    assert programme.milestones_of(programme.application_id) == [("repair-ends", BEGINNING + 12 * DAY)]
