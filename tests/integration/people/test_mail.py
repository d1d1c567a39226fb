"""Mails: written with what they are about, sent once, tried again, given up."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from services.people.commands.invite_member import invite_member
from services.people.commands.invite_to_role_as_operator import invite_to_role_as_operator
from services.people.settings import MailServer
from services.people.steps.role_invitations import Period
from services.people.tables import MailRow
from shared.identity.actor import SYSTEM, Role
from shared.kernel.vocabulary import MemberRole
from shared.privacy.keys import destroy_key
from tests.integration.people.conftest import PORTAL, REGION, STUDIO, Desk, Post
from tests.integration.people.test_organisations import registered
from tests.support.mail import settings_of, text_of


async def invited(desk: Desk, email: str = "berta@people.example", language: str = "en") -> tuple[UUID, str]:
    owner, organisation = await registered(desk)
    row, secret = await desk.run(invite_member, owner, UUID(organisation), email, MemberRole.EDITOR, language)
    return row.id, secret


async def test_invitation_has_the_link_and_is_sent_once(post: Post) -> None:
    _, secret = await invited(post.desk)
    [row] = await post.desk.rows(MailRow)
    assert row.secret == secret
    assert [await post.deliver(), await post.deliver(timedelta(days=1))] == [1, 0]
    [message] = post.mailbox.messages
    assert post.mailbox.recipients == ["berta@people.example"]
    assert message["Subject"] == f"Invitation to act for {STUDIO['name']}"
    assert re.fullmatch(rf"<{row.id}\.[a-z2-7]{{16}}@triptych\.example>", message["Message-ID"].strip())
    for kind in ("plain", "html"):
        assert f"{PORTAL}/invitation?secret={secret}" in text_of(message, kind)
    [row] = await post.desk.rows(MailRow)
    assert (row.state, row.secret, row.sent_at) == ("sent", None, post.desk.clock.instant)


async def test_name_with_line_breaks_is_one_line(post: Post) -> None:
    owner = await post.desk.person("ada")
    name = "Studio\r\nBcc: all@people.example\r\n\r\nhttps://grants.example/x <b>&"
    organisation = await post.desk.request(owner, "POST", "/organisations", 201, json={**STUDIO, "name": name})
    await post.desk.run(invite_member, owner, UUID(organisation["id"]), "berta@people.example", MemberRole.OWNER, "en")
    await post.deliver()
    [message] = post.mailbox.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Invitation to act for Studio Bcc: all@people.example https://grants.example/x <b>&"
    html = text_of(message, "html")
    assert ("<b>" in html, "&lt;b&gt;&amp;" in html, 'href="https://grants.example/x' in html) == (False, True, False)


async def test_withdrawn_invitation_is_not_sent(post: Post) -> None:
    owner, organisation = await registered(post.desk)
    row, _ = await post.desk.run(invite_member, owner, UUID(organisation), "b@people.example", MemberRole.EDITOR, "nl")
    await post.desk.request(owner, "POST", f"/organisations/{organisation}/invitations/{row.id}/withdrawal")
    await post.deliver()
    assert (post.mailbox.messages, await post.states()) == ([], [("failed", "no-recipient", 0)])


async def test_erased_organisation_invites_nobody(post: Post) -> None:
    owner, organisation = await registered(post.desk)
    await post.desk.run(invite_member, owner, UUID(organisation), "b@people.example", MemberRole.EDITOR, "nl")
    async with post.desk.sessions.begin() as session:
        await destroy_key(session, UUID(organisation), post.desk.clock.instant)
    await post.deliver()
    assert (post.mailbox.messages, await post.states()) == ([], [("failed", "no-recipient", 0)])


async def test_role_for_an_address_is_in_the_language_of_its_region(post: Post) -> None:
    period = Period(Role.OFFICER, REGION, post.desk.clock.instant)
    await post.desk.run(invite_to_role_as_operator, SYSTEM, "berta@people.example", period, "first-officer")
    await post.deliver()
    [message] = post.mailbox.messages
    assert (message["To"], message["Content-Language"]) == ("berta@people.example", "nl")
    assert " in Kortrijk" in text_of(message), "the name of the region, not its id"


async def test_refusal_for_now_is_tried_again_and_given_up(post: Post) -> None:
    await invited(post.desk)
    post.mailbox.refusals["berta@people.example"] = "451 4.3.0 Try later"
    assert [await post.deliver(), await post.deliver()] == [1, 0]  # not at once
    assert await post.states() == [("waiting", None, 1)]
    for _ in range(25):
        await post.deliver(timedelta(hours=4))
    [(state, reason, tries)] = await post.states()
    assert (state, reason) == ("failed", "smtp-451")
    assert 10 < tries < 14  # for two days
    assert [row.secret for row in await post.desk.rows(MailRow)] == [None]


async def test_refusal_for_good_is_a_bounce(post: Post) -> None:
    await invited(post.desk)
    post.mailbox.refusals["berta@people.example"] = "550 5.1.1 No such mailbox"
    assert [await post.deliver(), await post.deliver(timedelta(days=1))] == [1, 0]
    assert await post.states() == [("bounced", "smtp-550", 1)]
    assert [(row.answer, row.sent_at, row.bounced_at) for row in await post.desk.rows(MailRow)] == [
        ("5.1.1 No such mailbox", None, post.desk.clock.instant)
    ]


@pytest.mark.parametrize(("answer", "state"), [("452 4.2.2 Full", "waiting"), ("554 5.7.1 Refused", "bounced")])
async def test_content_may_be_refused_too(post: Post, answer: str, state: str) -> None:
    await invited(post.desk)
    post.mailbox.after_data = [answer]
    await post.deliver()
    assert [one for one, _, _ in await post.states()] == [state]


async def test_connection_lost_after_data_repeats_the_message_id(post: Post) -> None:
    await invited(post.desk)
    post.mailbox.hang_up = 1
    for _ in range(2):
        await post.deliver(timedelta(minutes=2))
    first, second = post.mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert await post.states() == [("sent", None, 2)]


async def test_server_that_is_away_costs_nothing_but_time(post: Post) -> None:
    await invited(post.desk)
    away = Post(post.desk, post.mailbox, settings_of(1), post.real)
    assert [await away.deliver(), await post.deliver(), await post.deliver(timedelta(minutes=2))] == [1, 0, 1]
    assert await post.states() == [("sent", None, 2)]


async def test_slow_server_is_left(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.people.smtp.TIMEOUT_SECONDS", 0.3)
    await invited(post.desk)
    post.mailbox.wait = 1.0
    await post.deliver()
    assert await post.states() == [("waiting", None, 1)]


async def test_crash_between_sending_and_noting_sends_again(post: Post) -> None:
    await invited(post.desk)
    job = post.job()
    [outgoing] = await job._take()
    await job._send(post.server, outgoing)  # and the worker is gone
    assert [await post.deliver(), await post.deliver(timedelta(minutes=16))] == [0, 1]
    assert len({message["Message-ID"] for message in post.mailbox.messages}) == 1


async def test_address_that_is_none_bounces(post: Post) -> None:
    await invited(post.desk, email="a(b@people.example")
    await post.deliver()
    assert (post.mailbox.messages, await post.states()) == ([], [("bounced", "smtp-553", 1)])


def test_mail_goes_over_the_network_encrypted_only() -> None:
    with pytest.raises(ValueError, match="starttls or tls"):
        MailServer(host="mail.example", port=25, security="none", sender="a@b.example")
