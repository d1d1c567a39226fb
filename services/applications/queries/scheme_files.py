"""Policies and forms that were proposed, with what would change by them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlmodel import col

from services.applications.domain.scheme_files import publication_faults
from services.applications.domain.states import SchemeFileState
from services.applications.tables import SchemeFileProposalRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.policy.loader import LoadError
from shared.policy.scheme_files import Difference, SchemeFile, SchemeFileKind, before, differences, place_of, read_scheme_file
from shared.web.paging import Page, Paging, Sorting, page_of

PROPOSALS = Sorting({"proposed_at": col(SchemeFileProposalRow.proposed_at)}, unique=col(SchemeFileProposalRow.id), default="-proposed_at")


class SchemeFileItemView(BaseModel):
    """`own`: the reader proposed it, so another officer publishes it. `place`: where it would stand under `regions/`."""

    id: UUID
    kind: SchemeFileKind
    region: str
    scheme: str
    effective_from: date
    place: str
    state: SchemeFileState
    own: bool
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    words: str


class SchemeFileView(SchemeFileItemView):
    """`faults`: what keeps it from being published now, '<field>: <reason>', in English as for files; of one that was decided none.
    `rules_id`: its id, to which calls are pinned. `compared_with`: the id of what holds until its first day; null for the first of a
    scheme. `differences`: from that."""

    text: str
    rules_id: str
    compared_with: str | None
    differences: list[Difference]
    faults: list[str]


class SchemeFileCheckView(BaseModel):
    """What a file would change, and what is wrong with it. `place` is null when it cannot be read."""

    place: str | None
    rules_id: str | None
    compared_with: str | None
    differences: list[Difference]
    faults: list[str]


async def proposal_page(context: Context, paging: Paging, region: str | None, state: SchemeFileState | None) -> Page[SchemeFileItemView]:
    query: Select[Any] = select(SchemeFileProposalRow).where(
        in_scope(context.actor, Permission.MANAGE_CALLS, region, SchemeFileProposalRow)
    )
    if state is not None:
        query = query.where(col(SchemeFileProposalRow.state) == state)
    return await page_of(context.session, query, paging, lambda row: SchemeFileItemView(**_item(context, row)))


async def proposal_view(context: Context, proposal_id: UUID) -> SchemeFileView:
    """`NotFound` 'unknown-scheme-file'; Forbidden."""
    row = await context.session.get(SchemeFileProposalRow, proposal_id)
    if row is None:
        raise NotFound("unknown-scheme-file", "There is no such policy or form to publish.")
    authorise(context.actor, Permission.MANAGE_CALLS, region=row.region)
    return view_of(context, row)


def view_of(context: Context, row: SchemeFileProposalRow) -> SchemeFileView:
    found = read_scheme_file(SchemeFileKind(row.kind), row.text, context.policies.cores)
    faults = _faults(context, found) if row.state == SchemeFileState.SUBMITTED else []
    old = before(found, context.policies)
    return SchemeFileView(
        **_item(context, row), text=row.text, rules_id=found.id, compared_with=old and old.id, differences=differences(old, found),
        faults=faults,
    )  # fmt: skip


def check_of(context: Context, kind: SchemeFileKind, text: str) -> SchemeFileCheckView:
    """Forbidden for a file of another region."""
    try:
        found = read_scheme_file(kind, text, context.policies.cores)
    except LoadError as error:
        return SchemeFileCheckView(place=None, rules_id=None, compared_with=None, differences=[], faults=str(error).splitlines())
    authorise(context.actor, Permission.MANAGE_CALLS, region=found.region)
    old = before(found, context.policies)
    return SchemeFileCheckView(
        place=place_of(found), rules_id=found.id, compared_with=old and old.id, differences=differences(old, found),
        faults=_faults(context, found),
    )  # fmt: skip


def today_in(context: Context, region: str) -> date:
    """Of a region that is not known the day in UTC."""
    return context.now.astimezone(ZoneInfo(context.policies.zones().get(region, "UTC"))).date()


def _faults(context: Context, found: SchemeFile) -> list[str]:
    return list(publication_faults(found, context.policies, today_in(context, found.region)))


def _item(context: Context, row: SchemeFileProposalRow) -> dict[str, Any]:
    name = f"form-{row.effective_from}" if row.kind == SchemeFileKind.FORM else row.effective_from.isoformat()
    fields = {one: getattr(row, one) for one in SchemeFileItemView.model_fields if hasattr(row, one)}
    return {**fields, "own": row.proposed_by == context.actor.id, "place": f"{row.region}/{row.scheme}/{name}.toml"}
