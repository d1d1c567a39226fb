"""The states of a role, an invitation and a mail, and which state may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class GrantState(StrEnum):
    """PROPOSED waits for a second administrator. A role in the state GRANTED holds between its dates."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"


GRANT_TRANSITIONS: Mapping[GrantState, frozenset[GrantState]] = MappingProxyType(
    {
        GrantState.PROPOSED: frozenset({GrantState.GRANTED, GrantState.REFUSED}),
        GrantState.GRANTED: frozenset({GrantState.ENDED}),
        GrantState.REFUSED: frozenset(),
        GrantState.ENDED: frozenset(),
    }
)


class InvitationState(StrEnum):
    """OPEN until it is accepted or withdrawn; whether its time is over follows from its date."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


INVITATION_TRANSITIONS: Mapping[InvitationState, frozenset[InvitationState]] = MappingProxyType(
    {
        InvitationState.OPEN: frozenset({InvitationState.ACCEPTED, InvitationState.WITHDRAWN}),
        InvitationState.ACCEPTED: frozenset(),
        InvitationState.WITHDRAWN: frozenset(),
    }
)


class MailState(StrEnum):
    """SENT: our mail server has it; what comes back later ends it all the same. BOUNCED: the recipient's server refused it for good.
    FAILED: it did not arrive in time, or was to nobody."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


MAIL_TRANSITIONS: Mapping[MailState, frozenset[MailState]] = MappingProxyType(
    {
        MailState.WAITING: frozenset({MailState.SENT, MailState.FAILED, MailState.BOUNCED}),
        MailState.SENT: frozenset({MailState.FAILED, MailState.BOUNCED}),
        MailState.FAILED: frozenset(),
        MailState.BOUNCED: frozenset(),
    }
)
