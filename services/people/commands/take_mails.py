"""A worker takes the mails that are due, so that no other one sends them."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import col

from services.people.domain.mails import LEASE
from services.people.domain.states import MailState
from services.people.letters import Letters
from services.people.steps.letters import Outgoing, compose
from services.people.steps.mails import end_mail
from services.people.tables import MailRow
from shared.messaging.context import Context

MOST = 10


async def take_mails(context: Context, letters: Letters, real_now: datetime) -> list[Outgoing]:
    """The oldest first. A mail that nobody is to get any more ends here. The others are this worker's for the time of `LEASE`: whatever
    happens to it, they are tried again after that."""
    due = or_(col(MailRow.next_try_at).is_(None), col(MailRow.next_try_at) <= real_now)
    query = select(MailRow).where(col(MailRow.state) == MailState.WAITING, due).order_by(col(MailRow.written_at), col(MailRow.id))
    taken = []
    for row in list(await context.session.scalars(query.limit(MOST).with_for_update(of=MailRow, skip_locked=True))):
        outgoing = await compose(context, row, letters)
        if outgoing is None:
            end_mail(context, row, MailState.FAILED, "no-recipient")
            continue
        row.tries, row.first_try_at, row.next_try_at = row.tries + 1, row.first_try_at or real_now, real_now + LEASE
        taken.append(outgoing)
    return taken
