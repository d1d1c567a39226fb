"""A mail server reports that a mail did not arrive, or is delayed."""

from services.people.domain.bounces import NoReport, Report
from services.people.domain.mails import after_report
from services.people.domain.marks import marked_mail
from services.people.domain.states import MailState
from services.people.steps.mails import end_undelivered, lock_mail
from shared.database.sealing import sealer_of
from shared.messaging.context import Context


async def record_report(context: Context, report: Report) -> None:
    """A second report of the same mail changes nothing. `NoReport` 'unknown-mail' for one without the mark of a mail of ours."""
    mail_id = marked_mail(sealer_of(context.session).mac, report.named)
    row = None if mail_id is None else await lock_mail(context, mail_id)
    if row is None:
        raise NoReport("unknown-mail")
    following = after_report(MailState(row.state), report.status, permanent=report.permanent, delayed=report.delayed)
    if following is not None and (following.state, following.reason) != (row.state, row.reason):
        await end_undelivered(context, row, following, report.words)
