"""Who may act for an organisation."""

from collections.abc import Mapping, Sequence

from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.vocabulary import MemberRole

INVITATION_DAYS = 14
"""How long the link of an invitation works: our own rule, long enough for a holiday."""
MOST_OPEN_INVITATIONS = 20
"""Of one organisation: an account cannot be used to send mail to the world."""
MOST_ORGANISATIONS = 20
"""That one person registers or belongs to."""


def check_owner(role: MemberRole | None) -> None:
    """`Forbidden` 'not-a-member' or 'not-an-owner'."""
    check_member(role)
    if role is not MemberRole.OWNER:
        raise Forbidden("not-an-owner", "Only an owner of the organisation may do this.")


def check_member(role: MemberRole | None) -> None:
    """`Forbidden` 'not-a-member'."""
    if role is None:
        raise Forbidden("not-a-member", "You do not act for this organisation.")


def check_room(organisations: int) -> None:
    """`Conflict` 'too-many-organisations' for a person who acts for as many already."""
    if organisations >= MOST_ORGANISATIONS:
        raise Conflict("too-many-organisations", "One person acts for at most {most} organisations.", most=MOST_ORGANISATIONS)


def check_invitation(email: str, open_ones: Sequence[str]) -> None:
    """`open_ones`: addresses that have an open invitation of the organisation. `Conflict` 'already-invited' or 'too-many-invitations'."""
    if email.casefold() in {one.casefold() for one in open_ones}:
        raise Conflict(
            "already-invited", "This address has an invitation that waits. Withdraw it before you send another one.", field="email"
        )
    if len(open_ones) >= MOST_OPEN_INVITATIONS:
        raise Conflict("too-many-invitations", "At most {most} invitations wait at a time: withdraw one first.", most=MOST_OPEN_INVITATIONS)


def check_owner_remains(members: Mapping[str, MemberRole], leaving: str) -> None:
    """`Conflict` 'last-owner' when the organisation would have nobody who may invite others."""
    owners = {member for member, role in members.items() if role is MemberRole.OWNER}
    if owners <= {leaving}:
        raise last_owner()


def last_owner() -> Conflict:
    return Conflict("last-owner", "The organisation needs an owner: make another member the owner first.")
