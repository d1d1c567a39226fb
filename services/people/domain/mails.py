"""Which mails there are, and what becomes of one that was tried. Instants are real time, but those of `digest_is_due`."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.people.domain.states import MailState
from shared.kernel.printable import printable

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
GIVE_UP = timedelta(days=2)
"""After the first try: a mail server that is down over a weekend is somebody's to notice, and a reminder is of no use later."""
LEASE = timedelta(minutes=15)
"""For how long one worker has a mail; longer than a round with a server that does not answer. After a crash another one takes it."""
LATE = timedelta(days=30)
"""Nobody gets a mail about what happened longer ago (programme time): an installation that begins to send mail has a past."""
DIGEST_PAUSE, COLLECTING = timedelta(days=1), timedelta(hours=1)
"""A person gets one digest of reminders a day; the first reminder waits for others of the same hour."""
_MOST_WORDS = 300
_ADDRESS = re.compile(r"\S+@\S+")


class Template(StrEnum):
    """The file of `templates/` that has the text."""

    RECEIPT = "receipt"
    RETURNED = "returned"
    DEADLINE_MOVED = "deadline-moved"
    CALL_CORRECTED = "call-corrected"
    LIST_PUBLISHED = "list-published"
    APPEAL_RECEIVED = "appeal-received"
    APPEAL_DECIDED = "appeal-decided"
    DECISION = "decision"
    INVITED = "invited"
    OFFER = "offer"
    VOUCHER_EXTENDED = "voucher-extended"
    CHANGE_DECIDED = "change-decided"
    CLAIM_RETURNED = "claim-returned"
    CLAIM_ACCEPTED = "claim-accepted"
    CLAIM_REJECTED = "claim-rejected"
    ATTENDANCE_RECORDED = "attendance-recorded"
    SESSION_CANCELLED = "session-cancelled"
    QUESTION_ANSWERED = "question-answered"
    ORDER_REROUTED = "order-rerouted"
    ORDER_TAKEN_BACK = "order-taken-back"
    DIGEST = "digest"
    LINK_CORRECTED = "link-corrected"
    INVITATION = "invitation"
    ROLE_INVITATION = "role-invitation"
    ROLE_GRANTED = "role-granted"


class ReminderKind(StrEnum):
    """What waits for the person: a draft before its call closes, an answer to an offer, or claims before the end of their window."""

    DRAFT = "draft"
    OFFER = "offer"
    CLAIMS = "claims"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a mail was not taken. `code` of the server's reply, None without one. `permanent`: it refused this recipient or this content for
    good, in these `words`. What it says of ourselves (sign-in, sender, load) passes or is put right."""

    code: int | None = None
    permanent: bool = False
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the mail: a waiting one has its next try, one that was not delivered, or is delayed, its reason."""

    state: MailState
    reason: str | None = None
    next_try_at: datetime | None = None


def after_try(failure: Failure | None, tries: int, first_try_at: datetime, now: datetime) -> Next:
    """`tries` counts this one. The pause doubles from a minute to four hours, for two days."""
    if failure is None:
        return Next(MailState.SENT)
    if failure.permanent:
        return Next(MailState.BOUNCED, f"smtp-{failure.code}")
    pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)
    if now + pause > first_try_at + GIVE_UP:
        return Next(MailState.FAILED, f"smtp-{failure.code}" if failure.code else "no-answer")
    return Next(MailState.WAITING, next_try_at=now + pause)


def after_report(state: MailState, status: str, *, permanent: bool, delayed: bool) -> Next | None:
    """What a report of a mail server says of a mail: `status` is that of RFC 3463, such as '5.1.1'. None where it changes nothing: one of
    a mail that has ended otherwise, or the news of a delay of one that is tried again."""
    reason = f"status-{status}"
    if permanent and state in (MailState.SENT, MailState.WAITING):  # the answer to our own sending may have been lost
        return Next(MailState.BOUNCED, reason)
    if state is MailState.SENT:
        return Next(MailState.SENT if delayed else MailState.FAILED, reason)
    return None


def words_of(answer: str) -> str:
    """What a mail server says, in one line that can be printed, without the addresses in it."""
    return printable(_ADDRESS.sub("…", " ".join(answer.split())))[:_MOST_WORDS]


def digest_is_due(oldest: datetime, last_sent_at: datetime | None, now: datetime, *, unfinished: bool) -> bool:
    """Whether reminders, of which the oldest was written at `oldest`, become a digest now. `unfinished`: another one is on its way still.
    Programme time."""
    rested = last_sent_at is None or last_sent_at + DIGEST_PAUSE <= now
    return not unfinished and rested and oldest + COLLECTING <= now
