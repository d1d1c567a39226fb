"""A role that waits for the first sign-in with an address is written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.people.domain.mails import Template
from services.people.domain.roles import ROLE_INVITATION_DAYS, check_period, check_region
from services.people.steps.events import publish_people_event
from services.people.steps.mails import mail_invitation
from services.people.tables import RoleInvitationRow
from shared.contracts.people import RoleInvited
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Period:
    """A role from `valid_from` on, until `valid_until` where that is known."""

    role: Role
    region: str
    valid_from: datetime
    valid_until: datetime | None = None


async def record_role_invitation(context: Context, email: str, period: Period, reason: str) -> RoleInvitationRow:
    """`Refused` 'unknown-region', 'role-by-membership' or 'role-period'."""
    check_region(period.region, {policy.region for policy in context.policies.all()})
    check_period(period.role, period.valid_from, period.valid_until)
    row = RoleInvitationRow(
        id=new_id(), email=email, role=period.role, region=period.region, valid_from=period.valid_from, valid_until=period.valid_until,
        proposed_by=context.actor.id, proposed_at=context.now, expires_at=context.now + timedelta(days=ROLE_INVITATION_DAYS),
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    invited = RoleInvited(
        invitation_id=row.id, role=period.role, region=period.region, valid_from=row.valid_from, valid_until=row.valid_until,
        expires_at=row.expires_at,
    )  # fmt: skip
    event_id = publish_people_event(context, invited, reason)
    mail_invitation(context, event_id, Template.ROLE_INVITATION, row, language=_language(context, period.region))
    return row


def _language(context: Context, region: str) -> str:
    """The first of the region's: nothing else is known of who is invited."""
    return next(policy.languages[0] for policy in context.policies.all() if policy.region == region)
