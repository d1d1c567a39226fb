"""Who may give which role to whom."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from services.people.domain.states import GrantState, InvitationState
from shared.identity.actor import Grant, Role
from shared.kernel.errors import Conflict, Forbidden, Refused

NO_MACHINE = frozenset({Role.ADMINISTRATOR})
"""Roles that no machine has: it would confirm what its person proposed."""
ROLE_INVITATION_DAYS = 30
"""How long the proposal of a role waits for the first sign-in: our own rule, longer than a leave."""


class Given(NamedTuple):
    """A role that was given and has not ended."""

    role: str
    region: str
    valid_from: datetime
    valid_until: datetime | None


def in_force(given: Iterable[Given], now: datetime) -> frozenset[Grant]:
    """Those that hold at this moment; what a later release may call a role is none here."""
    return frozenset(
        Grant(Role(one.role), one.region)
        for one in given
        if one.role in frozenset(Role) and one.valid_from <= now and (one.valid_until is None or now < one.valid_until)
    )


def first_state_by_operator(role: Role, *, has_administrator: bool) -> GrantState:
    """The operator gives a region its first administrator, whom nobody could confirm. All else waits for an administrator of the region."""
    return GrantState.GRANTED if role is Role.ADMINISTRATOR and not has_administrator else GrantState.PROPOSED


def check_end_by_operator(role: str, *, other_administrators: int) -> None:
    """`Conflict` 'last-administrator': who could end the last one, too, could give every role alone."""
    if role == Role.ADMINISTRATOR and not other_administrators:
        raise last_administrator()


def last_administrator() -> Conflict:
    return Conflict("last-administrator", "The region would have no administrator: give it another one first.")


def check_proposal(role: Role, *, by: str, to: str, valid_from: datetime, valid_until: datetime | None) -> None:
    """`to`: as in `check_decision`. `Refused` 'role-by-membership' or 'role-period', `Forbidden` 'own-role'."""
    _refuse_own(by, to)
    check_period(role, valid_from, valid_until)


def check_period(role: Role, valid_from: datetime, valid_until: datetime | None) -> None:
    """`Refused` 'role-by-membership' or 'role-period'."""
    if role is Role.APPLICANT:
        raise Refused("role-by-membership", "Nobody is given this role: who is a member of an organisation applies for it.", field="role")
    if valid_until is not None and valid_until <= valid_from:
        raise Refused("role-period", "The role has to end after it begins.", field="valid_until")


def check_region(region: str, known: Collection[str]) -> None:
    """`Refused` 'unknown-region': a slip of the pen would give a role that nothing asks for."""
    if region not in known:
        raise Refused("unknown-region", "There is no such region.", field="region")


def check_invited(*, known: int) -> None:
    """`Conflict` 'address-known': who has signed in with the address is found by it, and proposed."""
    if known:
        raise Conflict("address-known", "Somebody has signed in with this address: find the person by it and propose the role.")


def check_waits(state: InvitationState) -> None:
    """`Conflict` 'role-invitation-used'."""
    if state is InvitationState.ACCEPTED:
        raise Conflict("role-invitation-used", "Somebody has signed in with the address: end the role instead.")


def check_holder(role: Role, *, machine: bool) -> None:
    """`Refused` 'no-machine-role' for a role that only persons have."""
    if machine and role in NO_MACHINE:
        raise Refused("no-machine-role", "No machine has this role: a person is needed.", field="role")


def check_decision(state: GrantState, *, by: str, to: str, proposed_by: str) -> None:
    """`to`: who has the role, or answers for the machine that has it.

    `Conflict` 'role-not-proposed', `Forbidden` 'own-role' or 'own-proposal'.
    """
    if state is not GrantState.PROPOSED:
        raise Conflict("role-not-proposed", "The role is {state}: there is nothing to decide.", state=state.value)
    _refuse_own(by, to)
    if by == proposed_by:
        raise Forbidden("own-proposal", "You proposed this role, so another administrator has to decide.")


def _refuse_own(by: str, to: str) -> None:
    if by == to:
        raise Forbidden("own-role", "Nobody decides on a role of their own: ask another administrator.")
