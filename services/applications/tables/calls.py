"""Calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.applications.domain.states import CALL_TRANSITIONS, DRAFT_TRANSITIONS, DraftState
from services.applications.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import CallState


class CallRow(Table, table=True):
    """A published call. `submitted` is the last sequence number given, under this row's lock, so that there are no gaps.

    `number` is for receipts, unique over all regions. `first_closes_at` keeps the end that was published. `nonce_hash` is evaluation's
    commitment to the draw. `wording` is the newest version of the texts that people read (`CallWordingRow`), None where the call has
    only its title. `form_id` is None of a call from before forms were files: it asks the common core. `series`: of a round, the id of its
    rolling call, of which it is `round_number` of `round_count`. `invites_from`: of a call by invitation, the ids (slugs) of the calls, or
    rolling calls, for expressions of interest whose invitations count.
    """

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("region", "slug", name="uq_calls_slug"),  # the same file loaded twice is one call
        UniqueConstraint("number", name="uq_calls_number"),
        CheckConstraint(one_of("state", CallState), name="ck_calls_state"),
        CheckConstraint(
            "opens_at < closes_at AND closes_at <= evaluation_due_at AND evaluation_due_at <= reserve_list_ends_at", name="ck_calls_dates"
        ),
        CheckConstraint("first_closes_at <= closes_at", name="ck_calls_extension"),  # a call never ends earlier than published
        CheckConstraint("envelope_minor > 0 AND submitted >= 0", name="ck_calls_amounts"),
        # Other services count the applications from CallClosed on: screening cannot be complete before.
        CheckConstraint(f"screening_completed_at IS NULL OR state = '{CallState.CLOSED}'", name="ck_calls_screening"),
        Index("ix_calls_series", "region", "series", postgresql_where="series IS NOT NULL"),
        CheckConstraint("jsonb_array_length(invites_from) > 0", name="ck_calls_invites_from"),
        CheckConstraint("num_nulls(series, round_number, round_count) IN (0, 3)", name="ck_calls_round"),
        fixed(
            "id number slug region scheme policy_id form_id title selection_method currency envelope_minor opens_at first_closes_at "
            "content_hash published_at series round_number round_count invites_from"
        ),
    )

    id: UUID = Field(primary_key=True)
    number: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    slug: str
    region: str = Field(index=True)
    scheme: str
    policy_id: str
    form_id: str | None = None
    title: dict[str, str] = Field(sa_type=JSONB)
    selection_method: str
    currency: str
    envelope_minor: int = Field(sa_type=BigInteger)
    opens_at: datetime = Field(sa_type=INSTANT)
    closes_at: datetime = Field(sa_type=INSTANT)
    first_closes_at: datetime = Field(sa_type=INSTANT)
    evaluation_due_at: datetime = Field(sa_type=INSTANT)
    reserve_list_ends_at: datetime = Field(sa_type=INSTANT)
    content_hash: str
    published_at: datetime = Field(sa_type=INSTANT)
    state: str = CallState.PUBLISHED
    submitted: int = 0
    last_submitted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    screening_completed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    nonce_hash: str | None = None
    wording: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    wording_version: int = 1
    series: str | None = None
    round_number: int | None = None
    round_count: int | None = None
    invites_from: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))

    @property
    def shown_title(self) -> dict[str, str]:
        """By language, as it was corrected last."""
        return {**self.title, **(self.wording or {}).get("title", {})}

    @property
    def text(self) -> dict[str, str]:
        """What the call is about, by language."""
        return dict((self.wording or {}).get("text", {}))


class CallWordingRow(Table, table=True):
    """A version of the texts of a call: title and text by language, since `at`. `words` say to everybody why it was corrected."""

    __tablename__ = "call_wordings"
    __table_args__ = (written_once(),)

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    version: int = Field(primary_key=True)
    title: dict[str, str] = Field(sa_type=JSONB)
    text: dict[str, str] = Field(sa_type=JSONB)
    words: str
    written_by: str
    at: datetime = Field(sa_type=INSTANT)


_BY_TWO = f"state <> '{DraftState.PUBLISHED}' OR (submitted_by IS NOT NULL AND published_by <> submitted_by)"


class CallDraftRow(Table, table=True):
    """A call that is being written: `content` is JSON of `domain.call_drafts.CallContent`. Its id becomes that of the call.
    `returned_words` is what the second officer wants changed."""

    __tablename__ = "call_drafts"
    __table_args__ = (
        CheckConstraint(one_of("state", DraftState), name="ck_call_drafts_state"),
        CheckConstraint("num_nulls(submitted_by, submitted_at) IN (0, 2)", name="ck_call_drafts_submitted"),
        # A call that one person alone has written and published.
        CheckConstraint(
            f"state <> '{DraftState.PUBLISHED}' OR (submitted_by IS NOT NULL AND published_by <> submitted_by)",
            name="ck_call_drafts_two_persons",
        ),
        Index("ix_call_drafts_list", "region", "changed_at", "id"),
        fixed("id region scheme created_by created_at copy_of"),
    )

    id: UUID = Field(primary_key=True)
    region: str
    scheme: str
    copy_of: UUID | None = None
    state: str = DraftState.DRAFT
    version: int = 1
    content: dict[str, Any] = Field(sa_type=JSONB)
    created_by: str
    created_at: datetime = Field(sa_type=INSTANT)
    changed_by: str
    changed_at: datetime = Field(sa_type=INSTANT)
    submitted_by: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    published_by: str | None = None
    returned_words: str = ""


guard_transitions(col(CallRow.state), CALL_TRANSITIONS)
guard_transitions(col(CallDraftRow.state), DRAFT_TRANSITIONS)
