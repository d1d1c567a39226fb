"""What comes back of a mail after it was sent: by a real SMTP server, whose reports are read from a folder."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from services.people.commands.invite_member import invite_member
from services.people.jobs.bounces import BounceReading
from services.people.tables import MailRow
from shared.contracts.people import AddressConfirmed, MailBounced
from shared.database import create_engine, sessions_of
from shared.identity.actor import Actor, Role, grants
from shared.kernel.vocabulary import MemberRole, MilestoneKind
from simulation.mailbox.returns import FATES, ReturningMailbox, report_of
from tests.integration.people.conftest import REAL, Desk, Post
from tests.integration.people.mailed_case import Case, case_of
from tests.integration.people.test_closing import close
from tests.integration.people.test_organisations import joined
from tests.support.desk import FrozenClock
from tests.support.mail import MailServerOfTest, settings_of

DAY = timedelta(days=1)


@dataclass
class Returns:
    """`mails`: what the server has taken; `folder`: what it says later of some of them."""

    post: Post
    mails: Path
    folder: Path
    job: BounceReading

    @property
    def desk(self) -> Desk:
        return self.post.desk

    async def deliver_and_read(self) -> int:
        """How many reports counted. Some time passes, so that nothing is of the same moment."""
        self.desk.clock.instant += timedelta(minutes=1)
        while await self.post.deliver():
            self.desk.clock.instant += timedelta(minutes=1)
        return await self.read()

    async def read(self) -> int:
        """In two rounds: a file counts when it is as it was in the round before."""
        return await self.job.read_all(self.folder) + await self.job.read_all(self.folder)

    def sent(self) -> list[Message]:
        """As the server got them, in order."""
        files = sorted((self.mails / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes()) for path in files]

    def mark(self) -> str:
        """Of the only mail that was sent."""
        [mail] = self.sent()
        return str(mail["Message-ID"]).strip("\r\n <").partition("@")[0]

    def report(self, word: str = "gone", which: int = -1) -> bytes:
        """On a mail that was sent."""
        return report_of(self.sent()[which], "gone@people.example", FATES[word]).as_bytes()

    def put(self, content: bytes, name: str = "1.eml") -> Path:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def refused(self) -> list[str]:
        """The reasons."""
        return sorted(path.name.rpartition("-")[0] for path in (self.folder / "refused").glob("*"))

    async def states(self) -> list[tuple[str, str, str | None]]:
        return [(row.template, row.state, row.reason) for row in sorted(await self.desk.rows(MailRow), key=lambda row: row.id)]


@pytest.fixture
def returns(post: Post, tmp_path: Path) -> Iterator[Returns]:
    mails, folder = tmp_path / "mails", tmp_path / "bounces"
    mails.mkdir()  # a volume
    folder.mkdir()  # a worker that was there first
    server = MailServerOfTest(ReturningMailbox(mails, folder))
    server.start()
    desk = post.desk
    job = BounceReading(desk.sessions, desk.clock, desk.policies, folder, FrozenClock(REAL))
    yield Returns(Post(desk, post.mailbox, settings_of(server.port), post.real), mails, folder, job)
    server.stop()


async def case_at(returns: Returns, address: str) -> tuple[Actor, Case]:
    """An application whose owner signs in with this address; the mails about it were not sent yet."""
    owner, case = await case_of(returns.desk)
    await returns.desk.sign_in("ada", email=address)
    return owner, case


async def record_of(desk: Desk, case: Case) -> Any:
    officer = Actor("officer-1", grants({Role.OFFICER}, {case.scene.region}))
    return (await desk.request(officer, "GET", f"/mails?case_id={case.about['application_id']}&sort=written_at"))["items"]


async def refused_since(desk: Desk, owner: Actor) -> str | None:
    since: str | None = (await desk.request(owner, "GET", "/me"))["mail_refused_since"]
    return since


async def test_mail_that_comes_back_is_on_the_record(returns: Returns) -> None:
    owner, case = await case_at(returns, "gone@people.example")
    assert await returns.deliver_and_read() == 1
    [mail] = await record_of(returns.desk, case)
    shown = {name: mail[name] for name in ("state", "reason", "answer", "recipient_id")}
    assert shown == {
        "state": "bounced", "reason": "status-5.1.1", "recipient_id": owner.id,
        "answer": "550 5.1.1 … Recipient address rejected: no such mailbox",
    }  # fmt: skip
    assert mail["sent_at"] < mail["bounced_at"]
    assert await refused_since(returns.desk, owner) == mail["bounced_at"]
    [event] = await returns.desk.events(MailBounced)
    assert (event.reason, event.actor, event.body) == ("status-5.1.1", "system", {"person_id": owner.id, "mail_id": mail["id"]})
    assert [path.name for path in returns.folder.rglob("*") if path.is_file()] == []


async def test_same_report_counts_once(returns: Returns) -> None:
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    for number in range(3):
        returns.put(returns.report(), f"{number}.eml")
    assert await returns.read() == 3
    returns.put(returns.report("slow"))
    assert await returns.read() == 1
    assert await returns.states() == [("receipt", "bounced", "status-5.1.1")]
    assert len(await returns.desk.events(MailBounced)) == 1


async def test_delay_is_noted_and_a_later_end_counts(returns: Returns) -> None:
    owner, case = await case_at(returns, "slow@people.example")
    assert await returns.deliver_and_read() == 1
    assert await returns.states() == [("receipt", "sent", "status-4.4.1")]
    assert "Connection timed out" in (await record_of(returns.desk, case))[0]["answer"]
    returns.put(returns.report("full"))
    assert await returns.read() == 1
    assert await returns.states() == [("receipt", "failed", "status-4.2.2")]
    assert (await refused_since(returns.desk, owner), await returns.desk.events(MailBounced)) == (None, [])


async def test_reminders_stop_and_letters_are_still_tried(returns: Returns) -> None:
    owner, case = await case_at(returns, "gone@people.example")
    await returns.deliver_and_read()
    await returns.desk.deliver(case.offered(), case.reached(MilestoneKind.OFFER_REMINDER))
    returns.desk.clock.instant += 2 * DAY
    await returns.deliver_and_read()
    assert await returns.states() == [("receipt", "bounced", "status-5.1.1"), ("offer", "bounced", "status-5.1.1")]
    await returns.desk.request(owner, "POST", "/me/email/confirmation")
    await returns.desk.request(owner, "POST", "/me/email/confirmation")
    assert await refused_since(returns.desk, owner) is None
    assert len(await returns.desk.events(AddressConfirmed)) == 1
    await returns.deliver_and_read()
    assert (await returns.states())[2] == ("digest", "bounced", "status-5.1.1"), "it was tried, and came back again"
    assert await refused_since(returns.desk, owner) is not None


async def test_reminder_that_is_over_when_mail_arrives_again_is_left(returns: Returns) -> None:
    owner, case = await case_at(returns, "gone@people.example")
    await returns.deliver_and_read()
    await returns.desk.deliver(case.offered(), case.reached(MilestoneKind.OFFER_REMINDER))
    returns.desk.clock.instant += 11 * DAY
    await returns.desk.request(owner, "POST", "/me/email/confirmation")
    await returns.deliver_and_read()
    assert "digest" not in [template for template, _, _ in await returns.states()]


async def test_new_address_is_not_that_which_refused(returns: Returns) -> None:
    owner, case = await case_at(returns, "gone@people.example")
    await returns.deliver_and_read()
    await returns.desk.sign_in("ada", email="ada@people.example")
    assert await refused_since(returns.desk, owner) is None
    await returns.desk.deliver(case.offered(), case.reached(MilestoneKind.OFFER_REMINDER))
    returns.desk.clock.instant += DAY
    await returns.deliver_and_read()
    assert [state for _, state, _ in await returns.states()] == ["bounced", "sent", "sent"]


async def test_late_report_is_of_the_address_it_was_sent_to(returns: Returns) -> None:
    owner, _ = await case_at(returns, "old@people.example")
    await returns.deliver_and_read()
    returns.desk.clock.instant += DAY
    await returns.desk.sign_in("ada", email="ada@people.example")
    returns.put(returns.report())
    assert await returns.read() == 1
    assert await returns.states() == [("receipt", "bounced", "status-5.1.1")]
    assert await refused_since(returns.desk, owner) is None


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda report: report.replace(b"Message-ID", b"Subject"), "unknown-mail"),
        (lambda report: re.sub(rb"<[0-9a-f]{8}", b"<00000000", report), "unknown-mail"),
        (lambda report: report.replace(b"multipart/report", b"multipart/mixed"), "no-report"),
        (lambda report: report.replace(b"Action: failed", b"Action: delivered"), "no-failure"),
        (lambda _: b"From: somebody\n\nAway until Monday", "no-report"),
        (lambda _: b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 1000, "too-nested"),
        (lambda _: b"", "no-report"),
    ],
)  # fmt: skip
async def test_what_is_no_report_of_ours_is_put_aside(returns: Returns, spoil: Callable[[bytes], bytes], reason: str) -> None:
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    genuine = returns.report()
    returns.put(spoil(genuine))
    returns.put(genuine, "2.eml")
    assert await returns.read() == 1, "nothing stops the others"
    assert returns.refused() == [reason]
    assert await returns.states() == [("receipt", "bounced", "status-5.1.1")]
    assert await returns.read() == 0, "nor is it read again"


async def test_forged_report_changes_nothing(returns: Returns) -> None:
    """Of who knows the mail's id, as the record shows it, and not the mail."""
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    [row] = await returns.desk.rows(MailRow)
    mark = returns.mark()
    assert mark.startswith(f"{row.id}.")
    returns.put(returns.report().replace(mark.encode(), f"{row.id}.{'a' * 16}".encode()))
    assert (await returns.read(), returns.refused()) == (0, ["unknown-mail"])
    assert await returns.states() == [("receipt", "sent", None)]


async def test_return_path_names_the_mail_where_the_setting_allows(returns: Returns) -> None:
    returns.post.server = returns.post.server.model_copy(update={"returns": "bounces+{mark}@triptych.example"})
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    [mail] = returns.sent()
    mark = returns.mark()
    assert (mail["X-MailFrom"], mail["From"]) == (f"bounces+{mark}@triptych.example", "Triptych <no-reply@triptych.example>")
    returns.put(returns.report().replace(b"Message-ID", b"X-Removed"))
    assert (await returns.read(), [state for _, state, _ in await returns.states()]) == (1, ["bounced"])


async def test_answer_that_was_lost_is_made_good_by_the_report(returns: Returns) -> None:
    """The server took the mail, and the worker did not hear it: the report ends a mail that waits to be tried again."""
    await case_at(returns, "gone@people.example")
    job = returns.post.job()
    [outgoing] = await job._take()
    await job._send(returns.post.server, outgoing)
    assert await returns.read() == 1
    assert await returns.states() == [("receipt", "bounced", "status-5.1.1")]
    assert await returns.post.deliver(timedelta(hours=1)) == 0


async def test_file_that_is_still_written_waits(returns: Returns) -> None:
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    content = returns.report()
    path = returns.put(content[:400])
    assert await returns.job.read_all(returns.folder) == 0
    path.write_bytes(content)
    assert await returns.job.read_all(returns.folder) == 0
    assert await returns.job.read_all(returns.folder) == 1


async def test_what_is_no_file_is_put_aside_unread(returns: Returns, tmp_path: Path) -> None:
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    (tmp_path / "elsewhere").write_bytes(returns.report())
    (returns.folder / "new" / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(returns.folder / "pipe.eml")
    (returns.folder / "cur" / "folder").mkdir()
    (returns.folder / "new" / ".begun").write_bytes(b"")
    assert (await returns.read(), returns.refused()) == (0, ["not-a-file"] * 3)
    assert (tmp_path / "elsewhere").exists()


async def test_what_was_put_aside_goes_after_a_month(returns: Returns) -> None:
    for name, age in (("old.eml", 31), ("new.eml", 29)):
        at = (REAL - age * DAY).timestamp()
        os.utime(returns.put(b"", name), (at, at))
    await returns.read()
    await returns.read()
    assert returns.refused() == ["no-report"]


async def test_report_waits_while_the_database_is_away(returns: Returns) -> None:
    await case_at(returns, "ada@people.example")
    await returns.deliver_and_read()
    returns.put(returns.report())
    job, returns.job.sessions = returns.job, sessions_of(create_engine("postgresql+asyncpg://people@127.0.0.1:1/people", 1, "test"))
    assert await returns.read() == 0
    job.sessions = returns.desk.sessions
    assert (await returns.read(), returns.refused()) == (1, [])


async def test_closed_account_has_no_more_of_it_than_the_state(returns: Returns) -> None:
    owner, case = await case_of(returns.desk, submitted=False)
    berta = await joined(returns.desk, owner, str(case.organisation_id), "berta")
    await returns.desk.deliver(case.submitted())
    await returns.deliver_and_read()
    to_berta = [number for number, mail in enumerate(returns.sent()) if mail["To"] == "berta@people.example"]
    await close(returns.desk, berta)
    returns.put(returns.report(which=to_berta[-1]))
    assert await returns.read() == 1
    [row] = [row for row in await returns.desk.rows(MailRow) if str(row.recipient_id) == berta.id]
    assert (row.state, row.answer, await returns.desk.events(MailBounced)) == ("bounced", None, [])


async def test_address_without_a_bounce_has_nothing_to_confirm(desk: Desk) -> None:
    ada = await desk.person("ada")
    assert (await desk.request(ada, "POST", "/me/email/confirmation"))["mail_refused_since"] is None
    assert await desk.events(AddressConfirmed) == []


async def test_invitation_that_comes_back_is_of_no_person(returns: Returns) -> None:
    owner, case = await case_of(returns.desk)
    await returns.desk.run(invite_member, owner, case.organisation_id, "gone@people.example", MemberRole.EDITOR, "en")
    assert await returns.deliver_and_read() == 1
    assert ("invitation", "bounced", "status-5.1.1") in await returns.states()
    assert (await returns.desk.events(MailBounced), await refused_since(returns.desk, owner)) == ([], None)
    [invitation] = await returns.desk.request(owner, "GET", f"/organisations/{case.organisation_id}/invitations")
    assert (invitation["email"], invitation["mail_refused"]) == ("gone@people.example", True)
