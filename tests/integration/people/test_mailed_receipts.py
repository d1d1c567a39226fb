"""The receipt as PDF that a mail brings: without answers, and never in the way of the mail."""

from datetime import timedelta

import pytest

from shared.texts.formats import moment
from shared.texts.languages import LANGUAGES
from tests.integration.people.conftest import PORTAL, STUDIO, Post
from tests.integration.people.mailed_case import case_of
from tests.support.documents import read_pdf
from tests.support.mail import text_of


@pytest.mark.parametrize("language", LANGUAGES)
async def test_receipt_as_pdf_has_no_answers(post: Post, language: str) -> None:
    title = {"en": "Vouchers #[*1*]", "el": "Κουπόνια #[*1*]"}
    owner, case = await case_of(post.desk, submitted=False, title=title)
    await post.desk.request(owner, "PUT", "/me", json={"language": language})
    await post.desk.deliver(case.submitted(), twice=True)
    await post.deliver()
    [message] = post.mailbox.messages
    [attached] = message.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "KRT-0001.pdf")
    found, address = read_pdf(attached.get_content()), f"{PORTAL}/applications/{case.about['application_id']}"
    assert (found.language, found.marked, found.pdf_ua, len(found.alternatives) > 0) == (language, True, "1", True)
    shown = [moment(case.submitted().submitted_at, case.scene.policy.zone, language), title.get(language, title["en"]), STUDIO["name"]]
    for text in ("KRT-0001", address, *shown):
        assert "".join(str(text).split()) in found.joined, text
    assert ("5,000" in found.text, "5.000" in found.text) == (False, False)
    assert address in text_of(message)


async def test_corrected_version_is_received_at_its_own_moment(post: Post) -> None:
    """The application holds its place by the first moment; what is received now is not from then."""
    _, case = await case_of(post.desk)
    first, post.desk.clock.instant = post.desk.clock.instant, post.desk.clock.instant + timedelta(days=3, hours=2)
    await post.desk.deliver(case.submitted(2))
    await post.deliver()
    [attached] = post.mailbox.messages[-1].iter_attachments()
    for text in (text_of(post.mailbox.messages[-1]), read_pdf(attached.get_content()).text):
        shown = "".join(text.split())
        old, new = ("".join(moment(one, case.scene.policy.zone, "en").split()) for one in (first, post.desk.clock.instant))
        assert (new in shown, old in shown) == (True, False)


async def test_call_without_a_title_is_left_out(post: Post) -> None:
    await case_of(post.desk)
    await post.deliver()
    [attached] = post.mailbox.messages[0].iter_attachments()
    assert "Call" not in read_pdf(attached.get_content()).text


async def test_only_a_receipt_has_a_pdf(post: Post) -> None:
    _, case = await case_of(post.desk)
    await post.desk.deliver(case.offered())
    await post.deliver()
    assert [len(list(one.iter_attachments())) for one in post.mailbox.messages] == [1, 0]


async def test_receipt_that_cannot_be_written_holds_up_no_mail(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    await case_of(post.desk)
    monkeypatch.setattr("shared.documents.pdf.MOST_CHARACTERS", 10)
    await post.deliver()
    assert [list(one.iter_attachments()) for one in post.mailbox.messages] == [[]]
    assert await post.states() == [("sent", None, 1)]
