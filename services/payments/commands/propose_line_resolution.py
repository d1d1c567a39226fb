"""A person of finance proposes what an unmatched line of the bank is; nothing moves before a second one has confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.contradictions import ProposedResolution, check_fits_line
from services.payments.domain.line_parts import LinePart, Rest, check_parts
from services.payments.domain.states import ProposalState
from services.payments.queries.line_acts import LineAct, RegionBooking
from services.payments.queries.line_facts import is_credit
from services.payments.steps.line_acts import plan, plan_to_undo
from services.payments.steps.line_proposals import lock_open_line, lock_resolved_line, lock_targets
from services.payments.steps.region_ledger import amount_to_book
from services.payments.tables import BankLineRow, LinePartRow, LineProposalRow
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class LineDecision:
    """`disbursement_id` with MATCHED and RETURNED_IN_PART, `rest` with the latter, `recovery_id` with RECOVERY, `parts` with SPLIT."""

    resolution: ProposedResolution
    reason: str
    disbursement_id: UUID | None = None
    recovery_id: UUID | None = None
    rest: Rest | None = None
    parts: tuple[LinePart, ...] = ()


async def propose_line_resolution(context: Context, line_id: UUID, decision: LineDecision) -> LineProposalRow:
    """`Conflict` 'line-not-open', 'line-proposed-already', 'match-without-effect', 'not-a-credit', 'not-a-debit', 'line-not-booked', and as
    `steps.line_acts.plan`; `Refused` as `check_parts`; `NotFound` for what it is matched to."""
    given = decision.parts or (LinePart(decision.resolution, 0, decision.disbursement_id, decision.recovery_id, decision.rest),)
    await lock_targets(context, {part.disbursement_id for part in given if part.disbursement_id})
    undone = decision.resolution is ProposedResolution.UNDONE
    line, done = await lock_resolved_line(context, line_id) if undone else (await lock_open_line(context, line_id), [])
    waiting = select(LineProposalRow).where(col(LineProposalRow.line_id) == line.id, col(LineProposalRow.state) == ProposalState.PROPOSED)
    if await context.session.scalar(waiting) is not None:
        raise Conflict("line-proposed-already", "Another proposal for this line waits for its confirmation.")
    acts = await plan_to_undo(context, line, done) if undone else await _plan(context, line, decision)
    return await _store(context, line, decision, acts)


async def _plan(context: Context, line: BankLineRow, decision: LineDecision) -> list[LineAct]:
    if decision.resolution is ProposedResolution.SPLIT:
        check_parts(decision.parts, amount_to_book(line), is_credit=is_credit(line))
        return [await plan(context, line, part) for part in decision.parts]
    check_fits_line(decision.resolution, is_credit=is_credit(line))
    whole = LinePart(decision.resolution, line.amount_minor or 0, decision.disbursement_id, decision.recovery_id, decision.rest)
    return [await plan(context, line, whole)]


async def _store(context: Context, line: BankLineRow, decision: LineDecision, acts: Sequence[LineAct]) -> LineProposalRow:
    """One act stands in the proposal itself, several are its parts."""
    only = acts[0] if len(acts) == 1 else None
    booking = only.books if only else None
    proposal = LineProposalRow(
        id=new_id(), line_id=line.id, resolution=decision.resolution, disbursement_id=only.disbursement_id if only else None,
        attempt_id=only.attempt_id if only else None, recovery_id=only.recovery_id if only else None,
        **_booked(booking), reason=decision.reason, proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(proposal)
    await context.session.flush()
    context.session.add_all(_part(proposal.id, number, act) for number, act in enumerate(acts if only is None else (), 1))
    await context.session.flush()
    return proposal


def _part(proposal_id: UUID, number: int, act: LineAct) -> LinePartRow:
    return LinePartRow(
        id=act.origin, proposal_id=proposal_id, number=number, resolution=act.resolution, amount_minor=act.amount_minor or 0,
        disbursement_id=act.disbursement_id, attempt_id=act.attempt_id, recovery_id=act.recovery_id,
        **_booked(act.books),
    )  # fmt: skip


def _booked(booking: RegionBooking | None) -> dict[str, Any]:
    return {"books": booking.kind, "books_region": booking.region, "books_minor": booking.amount_minor} if booking else {}
