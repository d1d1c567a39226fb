"""The tables of people."""

from services.people.tables.base import Table
from services.people.tables.mails import CallRow, CaseRow, MailRow, ReminderRow, TaskCountRow
from services.people.tables.organisations import InvitationRow, MembershipRow, OrganisationRow
from services.people.tables.persons import PersonRow, RevocationRow, SignInRow, UsedProofRow
from services.people.tables.roles import RoleGrantRow, RoleInvitationRow
from services.people.tables.undertakings import LinkCorrectionRow, UndertakingLinkRow

__all__ = [
    "CallRow",
    "CaseRow",
    "InvitationRow",
    "LinkCorrectionRow",
    "MailRow",
    "MembershipRow",
    "OrganisationRow",
    "PersonRow",
    "ReminderRow",
    "RevocationRow",
    "RoleGrantRow",
    "RoleInvitationRow",
    "SignInRow",
    "Table",
    "TaskCountRow",
    "UndertakingLinkRow",
    "UsedProofRow",
]
