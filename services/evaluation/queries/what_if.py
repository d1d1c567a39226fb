"""The list of a call under another budget, threshold or weights; nothing is kept."""

from uuid import UUID

from services.evaluation.domain.what_if import SupposedEntry, Supposition, check_supposition, what_if
from services.evaluation.queries.listing import active_cases, listing_of
from services.evaluation.queries.seats import evaluation_rules
from services.evaluation.queries.views import SupposedEntryView, WhatIfView
from services.evaluation.tables import CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def read_what_if(context: Context, call_id: UUID, supposed: Supposition) -> WhatIfView:
    """Beside each place the one that the record gives. `Refused` as `check_supposition`; `Conflict` no-list for a first-come call."""
    call = await context.session.get_one(CallRow, call_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=call.region)
    if call.selection_method == SelectionMethod.FIRST_COME:
        raise Conflict("no-list", "In this call the earlier application goes first; there is no list to approve.")
    rules = evaluation_rules(context, call) if call.selection_method == SelectionMethod.RANKING else None
    check_supposition(supposed, rules)
    listing = await listing_of(context, call, await active_cases(context, call))
    recorded = {entry.application_id: entry for entry in what_if(listing, Supposition(), rules)}
    entries = what_if(listing, supposed, rules)
    amounts = {entry.application_id: entry.amount_minor for entry in listing.entries}
    return WhatIfView(
        call_id=call_id,
        currency=call.currency,
        envelope_minor=listing.envelope_minor if supposed.envelope_minor is None else supposed.envelope_minor,
        threshold=supposed.threshold if supposed.threshold is not None else (rules.total_threshold if rules else None),
        weights=dict(supposed.weights or ({each.id: each.points_max for each in rules.criteria} if rules else {})),
        granted_minor=sum(entry.awarded_minor for entry in entries),
        changed=sum(entry.outcome != recorded[entry.application_id].outcome for entry in entries),
        entries=[_entry(entry, recorded[entry.application_id], amounts[entry.application_id]) for entry in entries],
    )


def _entry(entry: SupposedEntry, recorded: SupposedEntry, amount_minor: int) -> SupposedEntryView:
    return SupposedEntryView(
        application_id=entry.application_id,
        amount_minor=amount_minor,
        rank=entry.rank,
        score_hundredths=entry.score,
        failed_rules=list(entry.failed),
        outcome=entry.outcome,
        recorded_rank=recorded.rank,
        recorded_outcome=recorded.outcome,
    )
