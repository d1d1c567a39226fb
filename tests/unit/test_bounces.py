"""Reports of mail servers, as they write them and as nobody should; and what becomes of a mail by them."""

import hashlib
import hmac
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.domain.bounces import MOST_BYTES, NoReport, Report, read_report
from services.people.domain.mails import Next, after_report, words_of
from services.people.domain.marks import mark_of, marked_mail
from services.people.domain.states import MailState
from services.people.settings import MARK_LETTERS, MailServer

MAIL = UUID("01980a4e-6c55-7d7e-9d4b-3f1c0c2d4a11")


def mac(content: bytes) -> bytes:
    return hmac.digest(b"a key of the processes", content, "sha256")


MARK = mark_of(mac, MAIL)
POSTFIX = f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: bounces@triptych.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4bQ/mx.example"

This is a MIME-encapsulated message.

--4bQ/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4bQ/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4bQ
Arrival-Date: Sat, 10 Jan 2026 10:00:00 +0100 (CET)

Final-Recipient: rfc822; berta@people.example
Original-Recipient: rfc822;berta@people.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.people.example
Diagnostic-Code: smtp; 550 5.1.1 <berta@people.example>: Recipient address
    rejected: User unknown in virtual mailbox table

--4bQ/mx.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <bounces@triptych.example>
Message-ID: <{MARK}@triptych.example>
To: berta@people.example

--4bQ/mx.example--
"""
WHOLE_MAIL = POSTFIX.replace("text/rfc822-headers", "message/rfc822")
WITHOUT_MAIL = POSTFIX.partition("Content-Description: Undelivered")[0].rstrip("\n") + "--\n"


def read(text: str) -> Report:
    return read_report(text.encode()[:MOST_BYTES])


@pytest.mark.parametrize("text", [POSTFIX, WHOLE_MAIL, WHOLE_MAIL + "x" * MOST_BYTES, POSTFIX.replace("\n", "\r\n")])
def test_report_names_our_mail_and_says_why(text: str) -> None:
    report = read(text)
    assert (report.status, report.delayed, report.permanent) == ("5.1.1", False, True)
    assert marked_mail(mac, report.named) == MAIL
    assert words_of(report.words) == "550 5.1.1 … Recipient address rejected: User unknown in virtual mailbox table"
    assert "berta" not in repr(report)


def test_report_without_the_mail_names_it_by_address() -> None:
    assert marked_mail(mac, read(WITHOUT_MAIL).named) is None
    assert marked_mail(mac, read(WITHOUT_MAIL.replace("To: bounces@", f"To: BOUNCES+{MARK.upper()}@")).named) == MAIL


@pytest.mark.parametrize(
    ("action", "status", "shown", "delayed", "permanent"),
    [
        ("failed", "4.4.1 (given up)", "4.4.1", False, False),
        ("delayed", "4.4.1", "4.4.1", True, False),
        ("Failed", "", "5.0.0", False, True),
        ("delayed", "5.1.1", "5.1.1", True, False),
        ("failed", "9.9.9 <b>", "5.0.0", False, True),
    ],
)
def test_action_and_status_are_read(action: str, status: str, shown: str, delayed: bool, permanent: bool) -> None:
    report = read(POSTFIX.replace("Action: failed", f"Action: {action}").replace("Status: 5.1.1", f"Status: {status}"))
    assert (report.status, report.delayed, report.permanent) == (shown, delayed, permanent)


def nested(kind: str, depth: int) -> str:
    return "".join(f"Content-Type: {kind}; boundary={n}\n\n--{n}\n" for n in range(depth))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no-report"),
        ("\0\xff" * 1000, "no-report"),
        ("Subject: I am away\n\nBack on Monday", "no-report"),
        (POSTFIX.partition("boundary")[0], "no-report"),
        (POSTFIX.replace("Action: failed", "Action: relayed"), "no-failure"),
        (POSTFIX.replace("message/delivery-status", "message/disposition-notification"), "no-failure"),
        (POSTFIX.partition("Final-Recipient")[0], "no-failure"),
        (nested("multipart/mixed", 5000), "too-nested"),
        (nested("Message/ RFC822", 5000), "too-nested"),
        (nested("multipart/report", 1) + "--0\n" * 5000, "too-nested"),
        (nested("multipart/digest", 29), "no-report"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(NoReport) as refused:
        read(text)
    assert refused.value.code == code


@given(st.integers(0, len(POSTFIX)), st.integers(0, 200), st.binary(max_size=60))
def test_spoilt_report_is_read_or_refused(at: int, left_out: int, content: bytes) -> None:
    whole = POSTFIX.encode()
    with suppress(NoReport):
        assert read_report(whole[:at] + content + whole[at + left_out :]).status[0] in "245"


def test_parser_that_fails_refuses_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> str:
        raise IndexError

    monkeypatch.setattr("email.message.Message.get_content_type", failing)
    with pytest.raises(NoReport, match="unreadable"):
        read(POSTFIX)


def test_mark_of_somebody_elses_making_is_none() -> None:
    assert len(MARK) == MARK_LETTERS
    other = mark_of(lambda content: hashlib.sha256(content).digest(), MAIL)
    assert marked_mail(mac, [f"<{other}@triptych.example>", f"<{MAIL}@triptych.example>", MARK[:-1], ""]) is None
    assert marked_mail(mac, [other, MARK]) == MAIL


@pytest.mark.parametrize(
    ("state", "report", "following"),
    [
        (MailState.SENT, (True, False), Next(MailState.BOUNCED, "status-5.1.1")),
        (MailState.WAITING, (True, False), Next(MailState.BOUNCED, "status-5.1.1")),
        (MailState.SENT, (False, False), Next(MailState.FAILED, "status-5.1.1")),
        (MailState.SENT, (False, True), Next(MailState.SENT, "status-5.1.1")),
        (MailState.WAITING, (False, True), None),
        (MailState.WAITING, (False, False), None),
        (MailState.FAILED, (True, False), None),
        (MailState.BOUNCED, (False, True), None),
    ],
)
def test_report_ends_a_mail_that_has_not_ended(state: MailState, report: tuple[bool, bool], following: Next | None) -> None:
    permanent, delayed = report
    assert after_report(state, "5.1.1", permanent=permanent, delayed=delayed) == following


def test_words_of_a_server_are_one_short_line_without_addresses() -> None:
    answer = "550 <a.b+c@people.example>\r\n\x1b[31mred \u202e\tmailto:x@y.example " + "long " * 200
    assert words_of(answer).startswith("550 … \\u001b[31mred \\u202e … long")
    assert len(words_of(answer)) == 300


def test_return_path_has_room_for_the_mark() -> None:
    server = {"host": "127.0.0.1", "port": 25, "security": "none", "sender": "no-reply@triptych.example"}
    assert MailServer.model_validate(server).return_path(MARK) == "no-reply@triptych.example"
    marked = MailServer.model_validate({**server, "returns": "bounces+{mark}@triptych.example"})
    assert marked.return_path(MARK) == f"bounces+{MARK}@triptych.example"
    with pytest.raises(ValueError, match="too long"):
        MailServer.model_validate({**server, "returns": "all-the-bounces+{mark}@triptych.example"})
