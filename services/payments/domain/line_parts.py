"""One line of the bank that is several things at once, and a return of less than was paid: what each part is, and what adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.payments.domain.contradictions import ProposedResolution, check_fits_line
from services.payments.domain.ledger import RegionEntryKind
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money

MOST_PARTS = 20
_OF_A_LINE_ONLY = (ProposedResolution.SPLIT, ProposedResolution.UNDONE)


class Rest(StrEnum):
    """What became of the money that did not come back. CHARGE: a bank on the way has kept it; the region bears it. TO_COME_BACK: it is
    still owed, and comes with another line."""

    CHARGE = "charge"
    TO_COME_BACK = "to-come-back"


BOOKS_REST: Mapping[Rest, RegionEntryKind] = MappingProxyType(
    {Rest.CHARGE: RegionEntryKind.CHARGE, Rest.TO_COME_BACK: RegionEntryKind.TO_COME_BACK}
)


@dataclass(frozen=True, slots=True)
class LinePart:
    """`amount_minor` of the line. `disbursement_id` with MATCHED and RETURNED_IN_PART, `rest` with the latter; `recovery_id` with
    RECOVERY."""

    resolution: ProposedResolution
    amount_minor: int
    disbursement_id: UUID | None = None
    recovery_id: UUID | None = None
    rest: Rest | None = None


def check_parts(parts: Sequence[LinePart], line: Money, *, is_credit: bool) -> None:
    """`Refused` 'too-few-parts', 'too-many-parts', 'parts-differ', 'part-not-possible', 'part-twice', 'one-recovery-a-line'; as
    `check_fits_line`."""
    if len(parts) < 2:
        raise Refused("too-few-parts", "Split the line into at least two parts, or resolve it as one.", field="parts")
    if len(parts) > MOST_PARTS:
        raise Refused("too-many-parts", "A line is split into at most {most} parts.", field="parts", most=MOST_PARTS)
    given = Money(sum(part.amount_minor for part in parts), line.currency)
    if given != line:
        raise Refused("parts-differ", "The parts add up to {given}, the line is of {line}.", field="parts", given=given, line=line)
    targets = [target for part in parts for target in (part.disbursement_id, part.recovery_id) if target is not None]
    if len(set(targets)) < len(targets):
        raise Refused("part-twice", "The same payment or recovery is in two parts. Give it once, with the whole amount.", field="parts")
    if sum(part.recovery_id is not None for part in parts) > 1:
        raise Refused("one-recovery-a-line", "One line settles one recovery: its reference of the bank counts once.", field="parts")
    for part in parts:
        if part.resolution in _OF_A_LINE_ONLY:
            raise Refused("part-not-possible", "A part cannot be {resolution}.", field="parts", resolution=part.resolution.value)
        check_fits_line(part.resolution, is_credit=is_credit)


def rest_of(paid: Money, came: Money) -> Money:
    """What did not come back. `Conflict` 'not-in-part' when as much came back as was paid, or more."""
    if came.currency != paid.currency or came >= paid:
        raise Conflict("not-in-part", "{paid} was paid, and {came} came back: that is no return in part.", paid=paid, came=came)
    return paid - came
