"""Events of other services become mails to those who act for the organisation, in their language, once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from services.people.commands.propose_role import propose_role
from services.people.steps.roles import Proposal
from services.people.subscribers import HANDLERS
from services.people.tables import CaseRow, MailRow, ReminderRow
from shared.contracts.applications import (
    ApplicantInvited,
    ApplicantJoined,
    ApplicationFoundIneligible,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CallCorrected,
    CallExtended,
    CallPublished,
    DraftWithdrawn,
    SchemeFilePublished,
)
from shared.contracts.evaluation import (
    AppealDecided,
    AppealLodged,
    AwardGranted,
    AwardRefused,
    PlacedOnReserveList,
    QuestionAnswered,
    RankingApproved,
)
from shared.contracts.payments import ClaimAccepted, ClaimRejected, ClaimReturned, OrderRerouted
from shared.contracts.people import RoleGranted
from shared.contracts.vouchers import (
    AttendanceRecorded,
    BookingCancelled,
    ChangeDecided,
    MilestoneReached,
    VoucherClosed,
    VoucherExtended,
    VoucherIssued,
    VoucherOffered,
)
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind, VoucherOutcome
from shared.messaging.event import Event
from shared.messaging.tables import DeadLetterRow, ParkedRow
from shared.privacy.keys import destroy_key
from tests.integration.people.conftest import PORTAL, START, STUDIO, Desk, Post
from tests.integration.people.mailed_case import DAY, Case, case_of
from tests.integration.people.test_organisations import joined
from tests.integration.people.test_task_mail import COUNTS
from tests.support.forgeries import forged
from tests.support.mail import text_of

LARGEST = 10_000_000


async def test_receipt_goes_to_every_member_in_their_language(post: Post) -> None:
    owner, case = await case_of(post.desk, submitted=False)
    berta = await joined(post.desk, owner, str(case.organisation_id), "berta")
    await post.desk.request(berta, "PUT", "/me", json={"language": "nl"})
    await post.desk.deliver(case.submitted(), twice=True)
    await post.desk.deliver(case.submitted(2))
    for _ in range(3):
        await post.deliver()
    mails = [one for one in post.mailbox.messages if "KRT-0001" in one["Subject"]]
    assert sorted((one["To"], one["Content-Language"]) for one in mails) == [
        ("ada@people.example", "en"), ("ada@people.example", "en"), ("berta@people.example", "nl"), ("berta@people.example", "nl"),
    ]  # fmt: skip
    texts = [text_of(one) for one in mails if one["Content-Language"] == "en"]
    assert all(text in texts[0] for text in (STUDIO["name"], "€5,000", f"{PORTAL}/applications/{case.about['application_id']}"))
    assert "the corrected version" in texts[1]


EVENTS: dict[type[Event], Callable[[Case], Event]] = {
    ApplicationSubmitted: lambda case: case.submitted(2),
    ApplicationReturned: Case.returned,
    ApplicationFoundIneligible: lambda case: ApplicationFoundIneligible(**case.about, sequence=1, rules=["not-repaired"]),
    ApplicantInvited: lambda case: ApplicantInvited(
        **case.about, organisation_id=case.organisation_id, invited_to=UUID(int=5), ends_at=START + 5 * DAY
    ),
    AwardGranted: Case.granted,
    PlacedOnReserveList: lambda case: PlacedOnReserveList(**case.about, position=3),
    AwardRefused: lambda case: AwardRefused(**case.about, rules=["below-threshold"]),
    VoucherOffered: Case.offered,
    VoucherIssued: Case.issued,
    VoucherExtended: Case.extended,
    ClaimReturned: lambda case: ClaimReturned(**case.claim, correct_by=START + 5 * DAY),
    ClaimAccepted: lambda case: ClaimAccepted(
        **case.claim, granted_minor=500_000, requested_minor=580_000, cut_lines=[2, 5], currency="EUR", pay_by=START + 5 * DAY
    ),
    ClaimRejected: lambda case: ClaimRejected(**case.claim, rules=["not-eligible"]),
    AppealLodged: lambda case: AppealLodged(**case.about, appeal_id=new_id()),
    AppealDecided: lambda case: AppealDecided(**case.about, appeal_id=new_id(), outcome="upheld"),
    ChangeDecided: lambda case: case.changed("provider", granted=False),
    OrderRerouted: lambda case: case.rerouted(UUID(int=8)),
    AttendanceRecorded: lambda case: AttendanceRecorded(
        **case.booking, units=60, attended=False, confirm_by=START + 5 * DAY, by_provider=True
    ),
    BookingCancelled: lambda case: BookingCancelled(**case.booking, units=0, by_region=True),
    QuestionAnswered: lambda case: case.answered(str(new_id())),
    CallPublished: Case.published,
    CallExtended: Case.moved,
    CallCorrected: lambda case: CallCorrected(call_id=case.scene.call_id, region=case.scene.region, number=12, version=2),
    RankingApproved: Case.listed,
    ApplicantJoined: Case.begun,
    VoucherClosed: lambda case: VoucherClosed(**case.scene.of_case(1), voucher_id=UUID(int=7), outcome=VoucherOutcome.SETTLED),
    DraftWithdrawn: lambda case: DraftWithdrawn(**case.about),
    ApplicationWithdrawn: lambda case: ApplicationWithdrawn(**case.about, sequence=1),
    MilestoneReached: lambda case: case.reached(MilestoneKind.OFFER_REMINDER),
}
SAYS = {
    ApplicationSubmitted: "corrected version",
    ApplicationReturned: "15 January 2026",
    ApplicationFoundIneligible: "was not submitted again in time",
    ApplicantInvited: "Hand it in by Thursday 15 January 2026",
    AwardGranted: "€5,000",
    PlacedOnReserveList: "in place 3",
    AwardRefused: "points of the evaluation",
    VoucherOffered: "20 January 2026",
    VoucherExtended: "Claims are taken until",
    ClaimReturned: "lodge it again by Thursday 15 January 2026",
    ClaimAccepted: "€800 of it is not paid: the officer has cut these lines of the claim: 2, 5.",
    ClaimRejected: "nothing is paid on it",
    AppealLodged: "the appeal of Atelier Przykład on Saturday 10 January 2026",
    AppealDecided: "is upheld: the application is scored again",
    ChangeDecided: "An officer has refused it: the provider stays.",
    OrderRerouted: "Choose another provider from the catalogue.",
    AttendanceRecorded: "unless you object until Thursday 15 January 2026",
    BookingCancelled: "Nothing of the voucher is used up.",
    CallExtended: "Before, it was",
    CallCorrected: f"{PORTAL}/calls/12",
    RankingApproved: "in writing to review the list, until",
}


@pytest.mark.parametrize("contract", SAYS, ids=lambda contract: contract.__name__)
async def test_event_is_mailed_once_and_says_what_it_is_about(post: Post, contract: type[Event]) -> None:
    _, case = await case_of(post.desk)
    event = EVENTS[contract](case)
    await post.desk.deliver(event, twice=True)
    assert await post.deliver() == 2
    _, message = post.mailbox.messages
    for kind in ("plain", "html"):
        assert SAYS[contract] in " ".join(text_of(message, kind).split())
    await post.desk.assert_nothing_lost()


async def test_granted_extension_is_one_mail_with_the_dates(post: Post) -> None:
    _, case = await case_of(post.desk)
    await post.desk.deliver(case.extended(), case.changed("extension", granted=True), case.changed("amount", granted=True))
    assert sorted(row.template for row in await post.desk.rows(MailRow)) == ["change-decided", "receipt", "voucher-extended"]


async def test_answer_goes_to_the_evaluator_who_asked(post: Post) -> None:
    """Whose role is in force, and without a word of who applies."""
    _, case = await case_of(post.desk)
    one, two = await post.desk.administrator("one", case.scene.region), await post.desk.administrator("two", case.scene.region)
    berta, carl = await post.desk.person("berta"), await post.desk.person("carl")
    await post.desk.given(one, two, berta.id, Role.EVALUATOR, region=case.scene.region)
    await post.desk.deliver(case.answered(berta.id), twice=True)
    await post.desk.deliver(case.answered(carl.id), case.answered("expert-1"))
    await post.deliver()
    [message] = [one for one in post.mailbox.messages if one["Subject"] == "Your question is answered"]
    assert message["To"] == "berta@people.example"
    assert f"{PORTAL}/evaluator/assignments/{UUID(int=9)}" in text_of(message)
    assert not any(word in text_of(message) for word in ("KRT-0001", STUDIO["name"]))
    await post.desk.assert_nothing_lost()


async def test_order_that_is_taken_back_is_mailed_to_the_provider(post: Post) -> None:
    """That it does not deliver; without a word of who has ordered."""
    _, case = await case_of(post.desk)
    berta = await post.desk.person("berta")
    firm = await post.desk.request(berta, "POST", "/organisations", 201, json={**STUDIO, "name": "Seller", "tax_number": "9991953348"})
    await post.desk.deliver(case.rerouted(UUID(firm["id"])), twice=True)
    await post.deliver()
    [message] = [one for one in post.mailbox.messages if one["To"] == "berta@people.example"]
    assert (message["Subject"], "do not deliver it" in text_of(message)) == ("An order was taken back", True)
    assert f"{PORTAL}/provider/orders/{UUID(int=11)}" in text_of(message)
    assert not any(word in text_of(message) for word in ("KRT-0001", STUDIO["name"]))


async def test_remedy_is_named_until_its_last_minute(post: Post) -> None:
    _, case = await case_of(post.desk)
    await post.desk.deliver(EVENTS[ApplicationFoundIneligible](case), EVENTS[AwardRefused](case))
    await post.deliver()
    ineligible, refused = (text_of(one) for one in post.mailbox.messages[1:])
    assert "to review this decision, until" in ineligible
    assert "open to appeals before" in refused


async def test_rule_of_the_policy_speaks_the_language_of_the_reader(post: Post) -> None:
    owner, case = await case_of(post.desk, submitted=False)
    await post.desk.request(owner, "PUT", "/me", json={"language": "el"})
    rule = case.scene.policy.eligibility.rules[0]
    await post.desk.deliver(case.submitted(), ApplicationFoundIneligible(**case.about, sequence=1, rules=[rule.id]))
    await post.deliver()
    assert rule.text("el") in " ".join(text_of(post.mailbox.messages[-1]).split())


async def test_order_of_events_does_not_matter(post: Post) -> None:
    _, case = await case_of(post.desk, submitted=False)
    await post.desk.deliver(case.reached(MilestoneKind.OFFER_REMINDER))
    await post.desk.deliver(case.offered(), case.returned())
    assert await post.desk.rows(MailRow) == []
    await post.desk.deliver(case.submitted())
    assert sorted(row.template for row in await post.desk.rows(MailRow)) == ["offer", "receipt", "returned"]
    assert [row.kind for row in await post.desk.rows(ReminderRow)] == ["offer"]
    await post.desk.assert_nothing_lost()


async def test_who_has_withdrawn_or_left_gets_no_more(post: Post) -> None:
    owner, case = await case_of(post.desk)
    await post.desk.deliver(EVENTS[ApplicationWithdrawn](case), case.moved(), AwardRefused(**case.about, rules=["withdrawn"]))
    assert [row.template for row in await post.desk.rows(MailRow)] == ["receipt"]
    berta = await joined(post.desk, owner, str(case.organisation_id), "berta")
    await post.desk.client.post(
        f"/api/people/organisations/{case.organisation_id}/members/{berta.id}/end",
        headers={"Authorization": f"Bearer {post.desk.issuer.mint(owner)}"},
    )
    await post.desk.deliver(case.returned())
    assert [str(row.recipient_id) for row in await post.desk.rows(MailRow) if row.template == "returned"] == [owner.id]


async def test_what_is_long_past_is_not_mailed(desk: Desk) -> None:
    _, case = await case_of(desk, submitted=False)
    await desk.deliver(case.submitted(), ago=31 * DAY)
    assert (len(await desk.rows(CaseRow)), await desk.rows(MailRow)) == (1, [])


async def test_erased_person_gets_no_mail(post: Post) -> None:
    owner, _ = await case_of(post.desk)
    async with post.desk.sessions.begin() as session:
        await destroy_key(session, UUID(owner.id), post.desk.clock.instant)
    await post.deliver()
    assert (post.mailbox.messages, await post.states()) == ([], [("failed", "no-recipient", 0)])


async def test_reminders_are_one_mail_a_day(post: Post) -> None:
    _, case = await case_of(post.desk)
    await post.desk.deliver(case.offered(), case.issued())
    await post.deliver()
    sent = len(post.mailbox.messages)
    await post.desk.deliver(case.reached(MilestoneKind.OFFER_REMINDER), twice=True)
    await post.desk.deliver(case.reached(MilestoneKind.VALIDITY_ENDS))
    assert await post.deliver() == 0  # others of the same hour may come
    post.desk.clock.instant += timedelta(hours=1)
    assert await post.deliver() == 1
    text = text_of(post.mailbox.messages[-1])
    assert (text.count("\n- "), "20 January 2026" in text) == (2, True)
    await post.desk.deliver(case.reached(MilestoneKind.OFFER_REMINDER, START + timedelta(minutes=1)))
    for hours, mails in ((2, 0), (20, 0), (2, 1), (30, 0)):
        post.desk.clock.instant += timedelta(hours=hours)
        assert await post.deliver() == mails, hours
    assert len(post.mailbox.messages) == sent + 2


async def test_digest_on_its_way_holds_back_the_next(post: Post) -> None:
    _, case = await case_of(post.desk)
    await post.desk.deliver(case.offered(), case.reached(MilestoneKind.OFFER_REMINDER))
    await post.deliver()
    post.mailbox.refusals["ada@people.example"] = "451 4.3.0 Try later"
    post.desk.clock.instant += DAY
    await post.deliver()
    await post.desk.deliver(case.reached(MilestoneKind.OFFER_REMINDER, START + timedelta(minutes=1)))
    post.desk.clock.instant += DAY
    await post.deliver(timedelta(hours=1))
    assert [row.template for row in await post.desk.rows(MailRow)].count("digest") == 1


async def test_draft_is_reminded_of_until_it_is_submitted(post: Post) -> None:
    _, case = await case_of(post.desk, submitted=False)
    await post.desk.deliver(case.begun(), twice=True)
    await post.desk.deliver(case.closing(), twice=True)
    post.desk.clock.instant += timedelta(hours=1)
    assert await post.deliver() == 1
    text = text_of(post.mailbox.messages[-1])
    assert f"{STUDIO['name']} has begun an application" in text
    assert "9 February 2026" in text
    await post.desk.deliver(case.submitted(), case.closing(START + DAY))
    assert [row.kind for row in await post.desk.rows(ReminderRow)] == ["draft"]
    [row] = await post.desk.rows(CaseRow)
    assert row.receipt == "KRT-0001"


async def test_who_has_only_a_draft_hears_of_a_later_close(post: Post) -> None:
    """And is reminded of the new one; who withdraws the draft hears no more."""
    _, case = await case_of(post.desk, submitted=False)
    await post.desk.deliver(case.begun(), case.moved(), case.listed())
    await post.deliver()
    [message] = post.mailbox.messages
    assert "has begun an application closes on" in " ".join(text_of(message).split())
    await post.desk.deliver(case.closing())
    assert [row.due_at for row in await post.desk.rows(ReminderRow)] == [START + 40 * DAY]
    await post.desk.deliver(EVENTS[DraftWithdrawn](case), case.closing(START + DAY), case.moved())
    assert (len(await post.desk.rows(ReminderRow)), len(await post.desk.rows(MailRow))) == (1, 1)


async def test_reminder_of_what_is_over_is_none(desk: Desk) -> None:
    _, case = await case_of(desk)
    desk.clock.instant = START + 11 * DAY
    await desk.deliver(case.offered(), case.reached(MilestoneKind.OFFER_REMINDER, START + 9 * DAY))
    assert await desk.rows(ReminderRow) == []


async def test_role_is_mailed_to_the_person_and_to_no_machine(post: Post) -> None:
    berta, administrator = await post.desk.person("berta"), await post.desk.administrator("ada")
    machine = await post.desk.request(await post.desk.administrator("carla"), "POST", "/machines", 201, json={"name": "A machine"})
    for number, person in enumerate((berta.id, machine["id"]), start=1):
        proposal = Proposal(UUID(person), Role.AUDITOR, "be-kortrijk", post.desk.clock.instant)
        row = await post.desk.run(propose_role, administrator, proposal, "appointed")
        granted = RoleGranted(
            person_id=row.person_id, grant_id=row.id, role=row.role, region=row.region, valid_from=row.valid_from, valid_until=None
        )
        wrong = [granted.model_copy(update={"role": Role.FINANCE}), granted.model_copy(update={"person_id": new_id()})]
        await post.desk.deliver(granted, *wrong, *forged(granted, "region", LARGEST))
        assert len(await post.desk.rows(DeadLetterRow)) == 3 * number
    await post.deliver()
    [message] = post.mailbox.messages
    assert (message["To"], "the role auditor in Kortrijk" in text_of(message)) == ("berta@people.example", True)


@pytest.mark.parametrize("contract", EVENTS, ids=lambda contract: contract.__name__)
async def test_forged_event_about_a_case_has_no_effect(desk: Desk, contract: type[Event]) -> None:
    _, case = await case_of(desk)
    honest = EVENTS[contract](case)
    fields = {"call_id", "region", "organisation_id", "policy_id"} & set(type(honest).model_fields)
    wrong = [event for field in fields for event in forged(honest, field, LARGEST)]
    if contract in (CallPublished, CallExtended, CallCorrected, RankingApproved):  # of another call: nobody is concerned
        wrong = forged(honest, "region", LARGEST)
    await desk.deliver(case.offered()) if contract is MilestoneReached else None
    before = [row.id for row in await desk.rows(MailRow)]
    await desk.deliver(*wrong)
    assert wrong
    assert ([row.id for row in await desk.rows(MailRow)], await desk.rows(ReminderRow)) == (before, [])
    assert len(await desk.rows(DeadLetterRow)) + len(await desk.rows(ParkedRow)) == len(wrong)


async def test_mails_are_on_the_case_record_without_words(post: Post) -> None:
    owner, case = await case_of(post.desk)
    await post.desk.deliver(case.offered(), case.reached(MilestoneKind.OFFER_REMINDER))
    post.desk.clock.instant += timedelta(hours=2)
    await post.deliver()
    officer, path = Actor("officer-1", grants({Role.OFFICER}, {case.scene.region})), f"/mails?case_id={case.about['application_id']}"
    page = await post.desk.request(officer, "GET", path)
    assert [(one["template"], one["state"], one["recipient_id"], one["tries"]) for one in page["items"]] == [
        ("digest", "sent", owner.id, 1), ("offer", "sent", owner.id, 1), ("receipt", "sent", owner.id, 1),
    ]  # fmt: skip
    assert not {"facts", "secret", "email", "text"} & set(page["items"][0])
    own = await post.desk.request(owner, "GET", "/me/mails")
    assert [one["template"] for one in own["items"]] == ["digest", "offer", "receipt"]
    foreign = Actor("officer-2", grants({Role.OFFICER}, {"dk-kolding"}))
    assert (await post.desk.request(foreign, "GET", path, 403))["code"] == "foreign-region"
    assert (await post.desk.request(officer, "GET", f"/mails?case_id={new_id()}", 404))["code"] == "unknown-case"
    for stranger in (owner, Actor("expert-1", grants({Role.EVALUATOR}, {case.scene.region}))):
        await post.desk.request(stranger, "GET", path, 403)
    berta = await post.desk.person("berta")
    assert (await post.desk.request(berta, "GET", "/me/mails"))["items"] == []


def test_every_consumed_event_is_tried() -> None:
    assert set(EVENTS) | {RoleGranted, SchemeFilePublished} | set(COUNTS) == set(HANDLERS), "test_scheme_files tries the last"
