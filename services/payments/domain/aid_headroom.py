"""What the ceiling of de minimis aid leaves to an organisation, with each part of what counts, and the day on which the part is free again.

EUR cents. What other firms of its single undertaking have is one sum, without names: who they are is theirs to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.payments.domain.state_aid import AidState, Days, Listed, OwnAid, Rates, Room, in_eur_minor, room
from shared.policy.schema import Policy
from shared.policy.state_aid import counts_on, frees_on, union, unlisted


@dataclass(frozen=True, slots=True)
class HeldAid:
    """Aid of one voucher. `aid` is as the ceiling counts it; `amount_minor` is what is left of it, in its currency."""

    voucher_id: UUID
    application_id: UUID
    state: AidState
    amount_minor: int
    aid: OwnAid


@dataclass(frozen=True, slots=True)
class OwnPart:
    """One aid of the organisation. `frees_on`: the first day on which it does not count; None while it is reserved."""

    held: HeldAid
    frees_on: date | None


@dataclass(frozen=True, slots=True)
class DeclaredPart:
    """Aid of another granter, as the organisation has listed it."""

    aid: Listed
    eur_minor: int
    frees_on: date


@dataclass(frozen=True, slots=True)
class Headroom:
    """`room` is that of the whole undertaking; `linked_minor`: what of it is not the organisation's own."""

    room: Room
    own: tuple[OwnPart, ...]
    declared: tuple[DeclaredPart, ...]
    granted_minor: int
    reserved_minor: int
    declared_minor: int
    linked_minor: int


def headroom_of(
    policy: Policy,
    on: date,
    own: Sequence[HeldAid],
    linked: Sequence[OwnAid],
    own_lists: Sequence[Sequence[Listed]],
    linked_lists: Sequence[Sequence[Listed]],
    rates: Rates,
) -> Headroom:
    """On the day, under the regulation of the policy. `own_lists`, `linked_lists`: a list of declared aid of each application."""
    years = policy.de_minimis.window_years
    counted = [one for one in own if one.aid.granted_on is None or counts_on(one.aid.granted_on, on, years)]
    whole = room(policy, Days.of(on), [*(one.aid for one in own), *linked], [*own_lists, *linked_lists], rates)
    declared = _declared(on, years, [*(one.aid for one in own), *linked], own_lists, rates)
    granted = sum(one.aid.eur_minor for one in counted if one.aid.granted_on is not None)
    reserved = sum(one.aid.eur_minor for one in counted if one.aid.granted_on is None)
    listed = sum(one.eur_minor for one in declared)
    return Headroom(
        room=whole,
        own=tuple(OwnPart(one, None if one.aid.granted_on is None else frees_on(one.aid.granted_on, years)) for one in counted),
        declared=declared,
        granted_minor=granted,
        reserved_minor=reserved,
        declared_minor=listed,
        linked_minor=whole.counted_minor - granted - reserved - listed,
    )


def _declared(on: date, years: int, known: Sequence[OwnAid], lists: Sequence[Sequence[Listed]], rates: Rates) -> tuple[DeclaredPart, ...]:
    """What the organisation has listed and is no aid of this platform, each once, in the order of its days."""
    ours = (Listed(aid.granted_on, aid.awarded_minor, aid.currency) for aid in known if aid.granted_on is not None)
    counted = union([one for one in each if counts_on(one.granted_on, on, years)] for each in lists)
    found = sorted(unlisted(counted.elements(), ours).elements())
    return tuple(
        DeclaredPart(one, in_eur_minor(one.amount_minor, one.currency, rates[one]), frees_on(one.granted_on, years)) for one in found
    )
