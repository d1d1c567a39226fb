"""What waits at the agency becomes one mail a day to each person for whom it waits, of the counts of the services."""

from datetime import date, timedelta

import pytest
import pytest_asyncio

from services.people.jobs.tasks import RoleCounts
from services.people.tables import MailRow, TaskCountRow
from shared.contracts.applications import ApplicationTasksCounted
from shared.contracts.common import WaitingTask
from shared.contracts.evaluation import EvaluationTasksCounted
from shared.contracts.payments import PaymentTasksCounted
from shared.contracts.vouchers import VoucherTasksCounted
from shared.identity.actor import Actor, Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import TaskKind
from shared.messaging.tables import DeadLetterRow
from tests.integration.people.conftest import PORTAL, REGION, Post
from tests.support.mail import text_of

COUNTS = (ApplicationTasksCounted, EvaluationTasksCounted, VoucherTasksCounted, PaymentTasksCounted)
DAY, TODAY = timedelta(days=1), date(2026, 1, 10)


def screening(count: int = 3, day: date = TODAY) -> ApplicationTasksCounted:
    tasks = [WaitingTask(kind=TaskKind.APPLICATIONS_TO_SCREEN, count=count)] if count else []
    return ApplicationTasksCounted.of(REGION, day, tasks)


class Agency:
    """An officer and an evaluator of the region, a machine that is an officer too, and the administrators who gave the roles."""

    def __init__(self, post: Post) -> None:
        self.post, self.desk = post, post.desk

    async def begin(self) -> None:
        self.one, self.two = await self.desk.administrator("one"), await self.desk.administrator("two")
        self.officer, self.evaluator = await self.desk.person("officer"), await self.desk.person("evaluator")
        carla = await self.desk.administrator("carla")
        machine = await self.desk.request(carla, "POST", "/machines", 201, json={"name": "A machine"})
        for person, role in ((self.officer.id, Role.OFFICER), (self.evaluator.id, Role.EVALUATOR)):
            await self.desk.given(self.one, self.two, person, role)
        await self.desk.request(self.one, "POST", "/roles", 201, json=_role(machine["id"]))

    async def collect(self) -> None:
        """The hour after the count is over."""
        self.desk.clock.instant += timedelta(hours=1)
        for _ in range(2):
            await self.post.deliver()

    def mails(self) -> list[tuple[str, str]]:
        texts = ((one, text_of(one).replace("\r\n", "\n")) for one in self.post.mailbox.messages)
        return [(str(one["To"]).partition("@")[0], text) for one, text in texts if "waits" in one["Subject"]]


def _role(person: str) -> dict[str, str]:
    return {"person_id": person, "role": Role.OFFICER, "region": REGION, "reason": "appointed"}


@pytest_asyncio.fixture
async def agency(post: Post) -> Agency:
    agency = Agency(post)
    await agency.begin()
    return agency


async def test_counts_of_all_services_are_one_mail_to_each(agency: Agency) -> None:
    desk, mine = agency.desk, agency.evaluator.id
    scoring = [WaitingTask(kind=TaskKind.APPLICATIONS_TO_SCORE, count=n, person_id=who) for n, who in ((2, mine), (5, str(new_id())))]
    overrules = [WaitingTask(kind=TaskKind.OVERRULES, count=n, not_for=who) for n, who in ((1, agency.officer.id), (4, "another"))]
    await desk.deliver(
        ApplicationTasksCounted.of(REGION, TODAY, overrules),
        PaymentTasksCounted.of(REGION, TODAY, [WaitingTask(kind=TaskKind.CLAIMS_TO_CHECK, count=7)]),
        VoucherTasksCounted.of("dk-kolding", TODAY, [WaitingTask(kind=TaskKind.CHANGES, count=9)]),
        EvaluationTasksCounted.of(REGION, TODAY, scoring),
        twice=True,
    )
    assert await agency.post.deliver() >= 0
    assert agency.mails() == [], "other counts of the same hour may come"
    await agency.collect()
    to_evaluator, to_officer = (text for _, text in sorted(agency.mails()))
    assert [one for one, _ in sorted(agency.mails())] == ["evaluator", "officer"], "nothing waits for the others"
    assert f"- Applications to score: 2\n  {PORTAL}/evaluator?state=declared" in to_evaluator
    assert f"- Overrules to confirm: 4\n  {PORTAL}/officer/overrules\n- Claims to check: 7" in to_officer
    assert "At the desks of Kortrijk:" in to_officer
    assert "Kolding" not in to_officer
    html = text_of(agency.post.mailbox.messages[-1], "html")
    assert f'<li><a href="{PORTAL}/' in html
    await desk.assert_nothing_lost()


async def test_one_mail_a_day_and_none_when_nothing_waits(agency: Agency) -> None:
    desk = agency.desk
    await desk.deliver(screening())
    await agency.collect()
    await desk.deliver(VoucherTasksCounted.of(REGION, TODAY, [WaitingTask(kind=TaskKind.CHANGES, count=1)]))
    await agency.collect()
    assert len(agency.mails()) == 1, "a count that comes later waits for the next day"
    desk.clock.instant += DAY
    await desk.deliver(screening(5, TODAY + DAY))
    await agency.collect()
    assert [("Applications to screen: 5" in text, "Changes" in text) for _, text in agency.mails()[1:]] == [(True, False)]
    desk.clock.instant += DAY
    await desk.deliver(screening(0, TODAY + 2 * DAY))
    await agency.collect()
    assert len(agency.mails()) == 2


@pytest.mark.parametrize("why", ["own choice", "role over", "address refuses"])
async def test_who_is_not_to_get_it_gets_none(agency: Agency, why: str) -> None:
    desk = agency.desk
    if why == "own choice":
        await desk.request(agency.officer, "PUT", "/me", json={"language": "en", "task_mail": False})
    elif why == "role over":
        [grant] = (await desk.request(agency.officer, "GET", "/me"))["roles"]
        await desk.request(agency.one, "POST", f"/roles/{grant['id']}/end", json={"reason": "left"})
    else:
        agency.post.mailbox.refusals["officer@people.example"] = "550 5.1.1 No such mailbox"
        await desk.deliver(screening(1, TODAY - DAY))
        await agency.collect()
        desk.clock.instant += DAY
    await desk.deliver(screening())
    await agency.collect()
    assert agency.mails() == []
    assert [row.state for row in await desk.rows(MailRow)] == (["bounced"] if why == "address refuses" else [])


async def test_mail_is_switched_off_by_the_person_alone(agency: Agency) -> None:
    """There is no route to the setting of another; the language alone leaves it as it is."""
    desk = agency.desk

    async def own(person: Actor, **change: object) -> bool:
        return bool((await desk.request(person, "PUT", "/me", json={"language": "nl", **change}))["task_mail"])

    assert [await own(agency.officer), await own(agency.officer, task_mail=False), await own(agency.officer)] == [True, False, False]
    assert await own(agency.one) is True
    assert (await desk.request(agency.officer, "GET", "/me/export"))["profile"]["task_mail"] is False
    await desk.request(agency.officer, "PUT", "/me", 422, json={"language": "nl", "task_mail": "no"})


async def test_forged_late_or_older_count_changes_nothing(agency: Agency) -> None:
    desk, honest = agency.desk, screening()
    await desk.deliver(honest)
    before = [row.model_dump() for row in await desk.rows(TaskCountRow)]
    foreign = WaitingTask(kind=TaskKind.PAYMENTS_TO_APPROVE, count=1)
    forged = [
        honest.model_copy(update={"region": "xx-nowhere"}),
        honest.model_copy(update={"subject_id": new_id()}),
        ApplicationTasksCounted.of(REGION, TODAY, [foreign]),
        EvaluationTasksCounted.of(REGION, TODAY, [WaitingTask(kind=TaskKind.APPLICATIONS_TO_SCORE, count=1)]),
        EvaluationTasksCounted.of(REGION, TODAY, [WaitingTask(kind=TaskKind.APPEALS, count=1, person_id=agency.officer.id)]),
    ]
    await desk.deliver(*forged)
    assert len(await desk.rows(DeadLetterRow)) == len(forged)
    await desk.deliver(screening(8), ago=timedelta(hours=2))
    await desk.deliver(PaymentTasksCounted.of(REGION, TODAY, [foreign]), ago=31 * DAY)
    assert [row.model_dump() for row in await desk.rows(TaskCountRow)] == before


async def test_roles_wait_for_administrators_who_did_not_propose_them(agency: Agency) -> None:
    """Nor registered the machine that is to have it."""
    desk = agency.desk
    counts = RoleCounts(desk.sessions, desk.clock, desk.policies)
    for _ in range(2):
        await counts.count()
    await agency.collect()
    [(name, text)] = agency.mails()
    assert (name, "Roles to confirm or refuse: 1" in text) == ("two", True)
    desk.clock.instant += timedelta(hours=2)
    await counts.count()
    [row] = await desk.rows(TaskCountRow)
    assert row.mailed_at is not None, "counted once a day"
