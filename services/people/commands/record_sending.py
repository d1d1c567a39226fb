"""What the mail server answered."""

from datetime import datetime
from uuid import UUID

from services.people.domain.mails import Failure, after_try
from services.people.domain.states import MailState
from services.people.steps.mails import end_mail, waiting_mail
from shared.messaging.context import Context


async def record_sending(context: Context, mail_id: UUID, failure: Failure | None, real_now: datetime) -> None:
    """A mail that another worker has ended meanwhile stays as it is."""
    row = await waiting_mail(context, mail_id)
    if row is None:
        return
    following = after_try(failure, row.tries, row.first_try_at or real_now, real_now)
    if following.state is MailState.WAITING:
        row.next_try_at = following.next_try_at
    else:
        end_mail(row, following.state, reason=following.reason, at=context.now if following.state is MailState.SENT else None)
