"""Calls by invitation: who may begin an application there, until when it is submitted, and what is taken over from the first step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.applications.domain.answers import faults_of, says_nothing
from services.applications.domain.form import Form, answers_of, with_answers
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import ApplicationState
from shared.policy.form import FormDefinition

NOT_TAKEN_OVER = ("file", "declaration")
"""The content of a file belongs to its case, and a declaration is made in each application again."""


class InvitationState(StrEnum):
    """What has become of an invitation. ENDED: nothing was submitted, and the time is over."""

    NOT_BEGUN = "not-begun"
    DRAFT = "draft"
    SUBMITTED = "handed-in"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Of the expression of interest `expression_id`, to one call. `ends_at`: None where only the close of the call counts."""

    expression_id: UUID
    ends_at: datetime | None


def stands_until(ends_at: datetime | None, closes_at: datetime) -> datetime:
    """Up to, not including, this moment an application is submitted. The call's own end counts where it is earlier."""
    return closes_at if ends_at is None else min(ends_at, closes_at)


def invitation_for(invitations: Sequence[Invitation], used: Collection[UUID], closes_at: datetime, now: datetime, zone: str) -> Invitation:
    """The invitation on which the organisation begins an application now, of all that it has to the call. `used`: the expressions on which
    it has an application there that is not withdrawn.

    `Refused` 'not-invited' or 'invitation-ended'; `Conflict` 'invitation-taken'.
    """
    if not invitations:
        raise not_invited()
    open_ones = [one for one in invitations if one.expression_id not in used]
    if not open_ones:
        raise Conflict("invitation-taken", "Your organisation has an application on its invitation already. Open that one.")
    last = max(open_ones, key=lambda one: stands_until(one.ends_at, closes_at))
    if now >= (ended_at := stands_until(last.ends_at, closes_at)):
        raise Refused("invitation-ended", "The time to submit the application ended on {ended_at}.", ended_at=ended_at, zone=zone)
    return last


def not_invited() -> Refused:
    return Refused(
        "not-invited",
        "This call is by invitation, and your organisation is not invited. Submit an expression of interest in the call that the page "
        "of this call names, while it is open.",
    )


def state_of(application_state: str | None, ends_at: datetime | None, closes_at: datetime, now: datetime) -> InvitationState:
    """`application_state`: of the application on the invitation that is not withdrawn; None where there is none."""
    if application_state not in (None, ApplicationState.DRAFT):
        return InvitationState.SUBMITTED
    if now >= stands_until(ends_at, closes_at):
        return InvitationState.ENDED
    return InvitationState.NOT_BEGUN if application_state is None else InvitationState.DRAFT


def taken_over(given: Form, expression: Form, definition: FormDefinition) -> Form:
    """`given` with the answers of the expression to questions that the form asks too, where it allows them and no other is given."""
    has = {name for name, value in answers_of(given).items() if not says_nothing(value)}
    asked = {name: one for name, one in definition.by_id.items() if one.answer.type not in NOT_TAKEN_OVER and name not in has}
    answers = {name: value for name, value in answers_of(expression).items() if name in asked and not says_nothing(value)}
    wrong = {fault.question for fault in faults_of(answers, definition)}
    return with_answers(given, {name: value for name, value in answers.items() if name not in wrong})
