"""What officers see while they screen a call. Names and titles in a list are readings of the access log."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, case, func, or_, select
from sqlmodel import col

from services.applications.domain.duplicates import plain_title
from services.applications.domain.earlier import NOTHING_EARLIER
from services.applications.domain.eligibility import Assessment, assess
from services.applications.domain.form import stored_form
from services.applications.domain.overrules import OverruleState, with_overrules
from services.applications.domain.states import UNDECIDED
from services.applications.locks import read_call
from services.applications.queries.earlier import earlier_by_application
from services.applications.queries.notes import has_flag, open_flags
from services.applications.queries.overrules import confirmed_verdicts, overrules_of
from services.applications.queries.screening_views import ScreeningCasesView, ScreeningCaseView, ScreeningCountsView
from services.applications.tables import ApplicationRow, CallRow, OverruleRow
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.context import Context
from shared.web.access_log import Shown, record_access
from shared.web.counts import REGIONS
from shared.web.paging import Paging, Sorting, page_of

SCREENING = Sorting(
    {
        "sequence": col(ApplicationRow.sequence),
        "changed_at": col(ApplicationRow.changed_at),
        "requested_minor": col(ApplicationRow.requested_minor),
    },
    unique=col(ApplicationRow.id),
    default="sequence",
)
MOST_SEARCHED = 5_000
"""Applications whose title and applicant a search looks at; they are encrypted, so PostgreSQL cannot. Numbers are searched in all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list. `text`: part of the receipt number, the title or the applicant's name, whatever the accents."""

    state: ApplicationState | None = None
    flagged: bool | None = None
    overrule_open: bool | None = None
    corrected: bool | None = None
    text: str = ""


def overrule_open() -> Any:
    """Of an application, for a query on `ApplicationRow`."""
    of_answers = col(OverruleRow.revision) == col(ApplicationRow.revision)
    waits = col(OverruleRow.state) == OverruleState.PROPOSED
    return select(col(OverruleRow.id)).where(col(OverruleRow.application_id) == col(ApplicationRow.id), waits, of_answers).exists()


async def screening_page(context: Context, call_id: UUID, paging: Paging, wanted: Wanted, hash_key: bytes) -> ScreeningCasesView:
    """The submitted applications of a call. Raises NotFound, Forbidden."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=call.region)
    query = select(ApplicationRow).where(col(ApplicationRow.call_id) == call_id, col(ApplicationRow.sequence).is_not(None))
    if wanted.state is not None:
        query = query.where(col(ApplicationRow.state) == wanted.state)
    corrected = (col(ApplicationRow.revision) > 1) & (col(ApplicationRow.state) == ApplicationState.SUBMITTED)
    conditions = {has_flag(): wanted.flagged, overrule_open(): wanted.overrule_open, corrected: wanted.corrected}
    query = query.where(*(condition if is_so else ~condition for condition, is_so in conditions.items() if is_so is not None))
    searched_all = True
    if wanted.text.strip():
        fits, searched_all = await _matching(context, query, wanted.text)
        query = query.where(fits)
    page = await page_of(context.session, query, paging, lambda row: row)
    await record_access(context, Permission.SCREEN_APPLICATION, [(row.id, row.region) for row in page.items], Shown.LISTED)
    cases = await _cases(context, call, page.items, hash_key)
    return ScreeningCasesView(**page.model_dump(exclude={"items"}), items=cases, searched_all=searched_all)


async def _matching(context: Context, query: Select[ApplicationRow], text: str) -> tuple[Any, bool]:
    """The condition that the text occurs in an application of the query, and whether all titles and names were looked at."""
    words = plain_title(text)
    rows = list(await context.session.scalars(query.order_by(col(ApplicationRow.sequence)).limit(MOST_SEARCHED + 1)))
    named = [
        row.id for row in rows[:MOST_SEARCHED] if any(words in plain_title(one or "") for one in (row.title, applicant_name(row)))
    ]  # fmt: skip
    numbered = func.replace(func.lower(col(ApplicationRow.receipt)), "-", " ").contains(words, autoescape=True)
    return or_(col(ApplicationRow.id).in_(named), numbered), len(rows) <= MOST_SEARCHED


def applicant_name(row: ApplicationRow) -> str | None:
    """As the applicant has written it in the form."""
    name: str | None = ((row.form or {}).get("applicant") or {}).get("name")
    return name


async def _cases(context: Context, call: CallRow, rows: Sequence[ApplicationRow], hash_key: bytes) -> list[ScreeningCaseView]:
    ids = [row.id for row in rows]
    flags = [flag.application_id for flag in await open_flags(context, ids)]
    overrules = await overrules_of(context, ids)
    policy = context.policies.get(call.policy_id)
    today, earlier = policy.local_day(context.now), await earlier_by_application(context, rows, policy, hash_key)

    def failing(row: ApplicationRow) -> list[str]:
        if row.assessment is not None:
            return Assessment.model_validate(row.assessment).failed
        if row.state not in UNDECIDED or row.form is None:
            return row.failed_rules
        now = assess(policy, stored_form(row.form), today, earlier.get(row.id, NOTHING_EARLIER))
        return with_overrules(now, confirmed_verdicts(overrules.get(row.id, []))).failed

    return [
        ScreeningCaseView(
            **{name: getattr(row, name) for name in ScreeningCaseView.model_fields if hasattr(row, name)},
            corrected=row.revision > 1 and row.state == ApplicationState.SUBMITTED,
            applicant_name=applicant_name(row),
            failing=failing(row),
            flags=flags.count(row.id),
            overrules_open=sum(one.state == OverruleState.PROPOSED for one in overrules.get(row.id, [])),
        )
        for row in rows
    ]


def _counting(*conditions: Any) -> Any:
    """Of the applications of `REGIONS`, by call and state."""
    row = ApplicationRow

    def number(condition: Any) -> Any:
        return func.count(case((condition, 1)))

    submitted = col(row.state) == ApplicationState.SUBMITTED
    return (
        select(
            col(row.call_id), col(row.state), col(row.decision), func.count(), number(_WAITS & has_flag()),
            number(submitted & (col(row.revision) > 1)), number(submitted & col(row.return_proposed_by).is_not(None)),
            number(submitted & overrule_open()), func.min(col(row.repair_by)),
        )
        .join(CallRow, col(CallRow.id) == col(row.call_id))
        .where(col(row.region).in_(REGIONS), col(row.sequence).is_not(None), *conditions)
        .group_by(col(row.call_id), col(CallRow.published_at), col(row.state), col(row.decision))
        .order_by(col(CallRow.published_at), col(row.call_id))
    )  # fmt: skip


_WAITS = col(ApplicationRow.state).in_(UNDECIDED)
_OF_ALL, _UNDECIDED = _counting(), _counting(_WAITS)
_OF_CALLS = _counting(col(ApplicationRow.call_id).in_(bindparam("calls", expanding=True)))


async def screening_counts(context: Context, region: str | None, call_ids: Collection[UUID] | None) -> list[ScreeningCountsView]:
    """Of each call of the actor's regions that has a submitted application, in the order of their publication."""
    of_regions = {"regions": visible_regions(context.actor, Permission.SCREEN_APPLICATION, region)}
    if call_ids is None:
        return _by_call(await context.session.execute(_OF_ALL, of_regions))
    return _by_call(await context.session.execute(_OF_CALLS, {**of_regions, "calls": call_ids}))


async def undecided_counts(context: Context, regions: Collection[str]) -> list[ScreeningCountsView]:
    """Of the applications that are not screened, and the calls that have one. The caller authorises."""
    return _by_call(await context.session.execute(_UNDECIDED, {"regions": regions}))


def _by_call(rows: Iterable[Any]) -> list[ScreeningCountsView]:
    found: dict[UUID, ScreeningCountsView] = {}
    for call_id, state, decision, count, flagged, corrected, proposed, overrules, repair_by in rows:
        none = ScreeningCountsView(
            call_id=call_id, states={}, decisions={}, flagged=0, corrected=0, returns_proposed=0, overrules_open=0, repair_by=None
        )
        counts = found.setdefault(call_id, none)
        counts.states[state] = counts.states.get(state, 0) + count
        if decision:
            counts.decisions[decision] = counts.decisions.get(decision, 0) + count
        counts.flagged, counts.corrected = counts.flagged + flagged, counts.corrected + corrected
        counts.returns_proposed, counts.overrules_open = counts.returns_proposed + proposed, counts.overrules_open + overrules
        counts.repair_by = min(filter(None, (counts.repair_by, repair_by)), default=None)
    return list(found.values())
