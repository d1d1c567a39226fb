"""What the list of a call leaves of its money, and what each of its awards is."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.allotment import Unspent, allot, unspent
from services.evaluation.queries.decisions import envelope_usage
from services.evaluation.queries.listing import least_by_case, shortage_of
from services.evaluation.queries.views import EntryView
from services.evaluation.tables import CallRow, DecisionRow
from shared.kernel.vocabulary import DecisionOutcome, SelectionMethod
from shared.messaging.context import Context
from shared.policy.two_step import CHOSEN


@dataclass(frozen=True, slots=True)
class _Asked:
    amount_minor: int
    failed: tuple[str, ...]
    smallest_minor: int | None


async def with_awards(context: Context, call: CallRow, entries: list[EntryView]) -> tuple[list[EntryView], Unspent]:
    """The entries, in the order of the list, each with what is awarded to it; and what is left. By the decisions once they are issued, else
    by the list as it stands; in a call by draw before its approval nobody knows yet."""
    listed = [one for one in entries if not one.withdrawn]
    if call.selection_method == SelectionMethod.FIRST_COME or call.appeals_over_at is not None:
        return await _decided(context, call, entries)
    if all(one.proposed is None and one.listed_as is None for one in listed):
        return entries, Unspent(call.envelope_minor, 0, None)
    least = await least_by_case(context, call)
    asked = [_Asked(one.amount_minor, tuple(one.failed_rules), least.get(one.application_id)) for one in listed]
    allotted = allot(asked, call.envelope_minor, shortage_of(context, call))
    awarded = {one.application_id: found.amount_minor for one, found in zip(listed, allotted, strict=True)}
    shown = [one.model_copy(update={"awarded_minor": awarded.get(one.application_id, 0)}) for one in entries]
    return shown, unspent(asked, allotted, call.envelope_minor)


async def _decided(context: Context, call: CallRow, entries: list[EntryView]) -> tuple[list[EntryView], Unspent]:
    in_force = select(DecisionRow).where(col(DecisionRow.call_id) == call.id, col(DecisionRow.superseded_at).is_(None))
    found = {row.application_id: row for row in await context.session.scalars(in_force)}
    awarded = {key: row.amount_minor + row.added_minor for key, row in found.items() if row.outcome in CHOSEN}
    shown = [one.model_copy(update={"awarded_minor": awarded.get(one.application_id, 0)}) for one in entries]
    waiting = [one for one in entries if one.outcome == DecisionOutcome.RESERVE and call.reserve_ended_at is None]
    left = call.budget_minor - (await envelope_usage(context, call)).granted_minor
    return shown, Unspent(left, len(waiting), waiting[0].amount_minor if waiting else None)
