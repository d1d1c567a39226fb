"""What the mail server answered."""

from datetime import datetime
from uuid import UUID

from services.people.domain.mails import Failure, after_try
from services.people.domain.states import MailState
from services.people.steps.mails import end_mail, end_undelivered, lock_mail
from shared.messaging.context import Context


async def record_sending(context: Context, mail_id: UUID, failure: Failure | None, real_now: datetime) -> None:
    """A mail that another worker has ended meanwhile stays as it is."""
    row = await lock_mail(context, mail_id)
    if row is None or row.state != MailState.WAITING:
        return
    following = after_try(failure, row.tries, row.first_try_at or real_now, real_now)
    if following.state is MailState.WAITING:
        row.next_try_at = following.next_try_at
    elif failure is None:
        end_mail(context, row, following.state)
    else:
        await end_undelivered(context, row, following, failure.words)
