"""Figures of the calls and applications of all regions, side by side. Sums and counts only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row, func, join, select, true
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.web.figures import AmountView, SpreadView, amount_of, places, share_bp, spreads

_STAGES = {
    "submission-to-screening": (ApplicationRow.submitted_at, ApplicationRow.screened_at),
    "submission-to-decision": (ApplicationRow.submitted_at, ApplicationRow.decided_at),
}
_SUBMITTED = col(ApplicationRow.submitted_at).is_not(None)
_GRANTED = func.count().filter(col(ApplicationRow.decision) == DecisionOutcome.GRANTED)
_Groups = dict[str, list[Row[Any]]]


class ShareView(BaseModel):
    """How often an answer was given in applications that were submitted, and in those that were granted."""

    code: str
    submitted: int
    granted: int


class RegionFiguresView(BaseModel):
    """Of one region; `names`: by language. `states` and `decisions` count applications; `submitted` were ever submitted. `success_bp`: the
    share granted of all that were decided, without invitations, in basis points; null before the first. `transitions_asked`:
    submitted applications whose form asks for them."""

    region: str
    counted_at: datetime
    names: dict[str, str]
    currency: str
    calls: int
    envelope: AmountView
    states: dict[str, int]
    submitted: int
    requested: AmountView
    decisions: dict[str, int]
    granted: AmountView
    success_bp: int | None
    spreads: list[SpreadView]
    s3_fields: list[ShareView]
    partner_regions: list[ShareView]
    transitions: list[ShareView]
    transitions_asked: int


async def region_figures(context: Context) -> list[RegionFiguresView]:
    calls, cases = await _calls(context), await _cases(context)
    codes = {name: await _codes(context, *where) for name, where in _CODES.items()}
    asked = await _asked(context)
    took = await spreads(context.session, ApplicationRow.region, _STAGES)
    found = []
    for region, currency in places(context.policies).items():
        mine, states, decisions = cases[region], Counter[str](), Counter[str]()
        for row in mine:
            states[row.state] += row.cases
            if row.decision:
                decisions[row.decision] += row.cases
        submitted = [row for row in mine if row.submitted]
        granted = [row for row in mine if row.decision == DecisionOutcome.GRANTED]
        view = RegionFiguresView(
            region=region, counted_at=context.now, names=context.policies.region_names(region), currency=currency,
            calls=sum(row.calls for row in calls[region]),
            envelope=amount_of(context.policies, [(row.policy_id, row.envelope) for row in calls[region]]),
            states=dict(states), decisions=dict(decisions), submitted=sum(row.cases for row in submitted),
            requested=amount_of(context.policies, [(row.policy_id, row.requested) for row in submitted]),
            granted=amount_of(context.policies, [(row.policy_id, row.amount) for row in granted]),
            success_bp=share_bp(decisions[DecisionOutcome.GRANTED], sum(decisions.values()) - decisions[DecisionOutcome.INVITED]),
            spreads=took.get(region, []), transitions_asked=asked.get(region, 0),
            **{name: shares.get(region, []) for name, shares in codes.items()},
        )  # fmt: skip
        found.append(view)
    return found


async def _calls(context: Context) -> _Groups:
    query = select(
        col(CallRow.region), col(CallRow.policy_id), func.count().label("calls"), func.sum(CallRow.envelope_minor).label("envelope")
    )
    return _by_region(await context.session.execute(query.group_by(col(CallRow.region), col(CallRow.policy_id))))


async def _cases(context: Context) -> _Groups:
    row = ApplicationRow
    keys = (col(row.region), col(CallRow.policy_id), col(row.state), col(row.decision), _SUBMITTED)
    sums = (func.sum(row.requested_minor).label("requested"), func.sum(row.amount_minor).label("amount"))
    query = select(*keys[:4], keys[4].label("submitted"), func.count().label("cases"), *sums)
    return _by_region(await context.session.execute(query.join(CallRow, col(CallRow.id) == col(row.call_id)).group_by(*keys)))


def _by_region(rows: Iterable[Row[Any]]) -> _Groups:
    groups: _Groups = defaultdict(list)
    for row in rows:
        groups[row.region].append(row)
    return groups


_TRANSITIONS = func.jsonb_array_elements_text(ApplicationRow.transitions).table_valued("value")
_CODES: dict[str, tuple[Any, Any]] = {
    "s3_fields": (col(ApplicationRow.s3_field), ApplicationRow),
    "partner_regions": (col(ApplicationRow.partner_region), ApplicationRow),
    "transitions": (_TRANSITIONS.c.value, join(ApplicationRow, _TRANSITIONS, true())),
}
"""Name → the code of a row, and where the rows are."""


async def _codes(context: Context, code: Any, source: Any) -> dict[str, list[ShareView]]:
    """Of what was submitted, by region: how often each code was given, and how often to an application that was granted."""
    query = select(col(ApplicationRow.region), code, func.count(), _GRANTED).select_from(source).where(_SUBMITTED, code.is_not(None))
    found: dict[str, list[ShareView]] = defaultdict(list)
    for region, one, submitted, granted in await context.session.execute(query.group_by(col(ApplicationRow.region), code).order_by(code)):
        found[region].append(ShareView(code=one, submitted=submitted, granted=granted))
    return found


async def _asked(context: Context) -> dict[str, int]:
    query = select(col(ApplicationRow.region), func.count()).where(_SUBMITTED, col(ApplicationRow.transitions).is_not(None))
    rows = (await context.session.execute(query.group_by(col(ApplicationRow.region)))).all()
    return {row[0]: row[1] for row in rows}
