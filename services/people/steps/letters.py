"""What a mail says, and where it goes, at the moment of its sending: names and addresses are read then, and nowhere kept with it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.mails import Template
from services.people.domain.marks import mark_of
from services.people.domain.states import InvitationState
from services.people.letters import Letter, Letters
from services.people.tables import CallRow, CaseRow, InvitationRow, MailRow, OrganisationRow, PersonRow, ReminderRow, RoleInvitationRow
from shared.database.sealing import sealer_of
from shared.documents import Document
from shared.messaging.context import Context
from shared.texts import in_language

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that is to be sent now; `receipt` goes with it. `mark`: by which a report of failed delivery names it."""

    mail: MailRow
    mark: str
    to: str
    letter: Letter
    receipt: Document | None = None


async def compose(context: Context, mail: MailRow, letters: Letters) -> Outgoing | None:
    """None when nobody is to get it any more: the account or the invitation has ended, or what is known of the recipient was erased."""
    to, facts = await _recipient(context, mail)
    if to is None:
        return None
    facts |= mail.facts | {"region": mail.region and context.policies.region_name(mail.region, mail.language)}
    if mail.case_id is not None:
        case = await context.session.get_one(CaseRow, mail.case_id)
        facts |= {"case_id": str(case.application_id), "receipt": case.receipt}
        facts |= {"organisation": await _name_of(context, case.organisation_id) or case.receipt or ""}
        facts |= _reasons(context, case, mail) | {"call": await _title_of(context, case.call_id, mail.language)}
    if mail.template == Template.DIGEST:
        facts |= {"reminders": await _reminders(context, mail), "places": _places(context, mail)}
    zone = next((policy.zone for policy in context.policies.all() if policy.region == mail.region), "Europe/Brussels")
    letter = letters.write(mail.template, mail.language, zone, facts, mail.region)
    receipt = letters.receipt(mail.language, zone, facts) if mail.template == Template.RECEIPT else None
    return Outgoing(mail, mark_of(sealer_of(context.session).mac, mail.id), to, letter, receipt)


async def _recipient(context: Context, mail: MailRow) -> tuple[str | None, Facts]:
    if mail.template == Template.INVITATION:
        row = await context.session.get(InvitationRow, mail.recipient_id)
        if row is None or row.state != InvitationState.OPEN or mail.secret is None:
            return None, {}
        organisation = await _name_of(context, row.organisation_id)
        return row.email, {
            "name": None, "organisation": organisation, "role": row.role, "expires_at": row.expires_at, "secret": mail.secret
        }  # fmt: skip
    if mail.template == Template.ROLE_INVITATION:
        proposed = await context.session.get(RoleInvitationRow, mail.recipient_id)
        if proposed is None or proposed.state != InvitationState.OPEN:
            return None, {}
        return proposed.email, {"name": None, "role": proposed.role, "expires_at": proposed.expires_at}
    person = await context.session.get(PersonRow, mail.recipient_id)
    return (None, {}) if person is None or person.ended_at is not None else (person.email, {"name": person.name})


async def _name_of(context: Context, organisation_id: Any) -> str | None:
    row = await context.session.get(OrganisationRow, organisation_id)
    return None if row is None else row.name


async def _title_of(context: Context, call_id: Any, language: str) -> str:
    """Empty when it is not known."""
    row = await context.session.get(CallRow, call_id)
    return in_language(row.title, language) if row else ""


def _reasons(context: Context, case: CaseRow, mail: MailRow) -> Facts:
    """The failed rules of the policy in its own words; other reasons stay codes, which the template has texts for."""
    failed = mail.facts.get("rules", [])
    policy = next((policy for policy in context.policies.all() if policy.id == case.policy_id), None)
    texts = {rule.id: rule.text(mail.language) for rule in policy.eligibility.rules} if policy else {}
    return {
        "reasons": [texts[rule] for rule in failed if rule in texts],
        "rules": [rule for rule in failed if rule not in texts],
    }


async def _reminders(context: Context, mail: MailRow) -> list[Facts]:
    """By the end of their time limits."""
    query = (
        select(ReminderRow, col(CaseRow.receipt), col(CaseRow.organisation_id))
        .join(CaseRow, col(CaseRow.application_id) == col(ReminderRow.case_id))
        .where(col(ReminderRow.mail_id) == mail.id)
        .order_by(col(ReminderRow.due_at), col(ReminderRow.event_id))
    )
    found = (await context.session.execute(query)).all()
    return [
        {"kind": row.kind, "receipt": receipt, "due_at": row.due_at, "organisation": await _name_of(context, organisation_id) or ""}
        for row, receipt, organisation_id in found
    ]


def _places(context: Context, mail: MailRow) -> list[Facts]:
    """What waits, by region; nothing in a digest of reminders only."""
    tasks: list[Facts] = mail.facts.get("tasks", [])
    regions = dict.fromkeys(task["region"] for task in tasks)
    return [
        {"name": context.policies.region_name(region, mail.language), "tasks": [task for task in tasks if task["region"] == region]}
        for region in regions
    ]
