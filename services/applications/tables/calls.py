"""Calls."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.applications.domain.states import CALL_TRANSITIONS
from services.applications.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import CallState


class CallRow(Table, table=True):
    """A published call. `submitted` is the last sequence number given, under this row's lock, so that there are no gaps.

    `number` is for receipts, unique over all regions. `first_closes_at` keeps the end that was published. `nonce_hash` is evaluation's
    commitment to the draw. `form_id` is None of a call from before forms were files: it asks the common core.
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
        fixed(
            "id number slug region scheme policy_id form_id title selection_method currency envelope_minor opens_at first_closes_at "
            "content_hash published_at"
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


guard_transitions(col(CallRow.state), CALL_TRANSITIONS)
