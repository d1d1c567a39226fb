"""Policies and forms that wait for a second officer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, col

from services.applications.domain.states import SCHEME_FILE_TRANSITIONS, SchemeFileState
from services.applications.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.database.scheme_file import SchemeFileColumns
from shared.database.states import guard_transitions
from shared.policy.scheme_files import SchemeFileKind


class SchemeFileProposalRow(SchemeFileColumns, Table, table=True):
    """A file as one officer has proposed it; its text never changes. `words`: why it was not published. Its id becomes that of the
    published file."""

    __tablename__ = "scheme_file_proposals"
    __table_args__ = (
        CheckConstraint(one_of("kind", SchemeFileKind), name="ck_scheme_file_proposals_kind"),
        CheckConstraint(one_of("state", SchemeFileState), name="ck_scheme_file_proposals_state"),
        CheckConstraint("num_nulls(decided_by, decided_at) IN (0, 2)", name="ck_scheme_file_proposals_decided"),
        # Rules that one person alone has written and published.
        CheckConstraint(
            f"state <> '{SchemeFileState.PUBLISHED}' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="ck_scheme_file_proposals_two_persons",
        ),
        Index("ix_scheme_file_proposals_list", "region", "proposed_at", "id"),
        written_once(but="state decided_by decided_at words"),
    )

    state: str = SchemeFileState.SUBMITTED
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    words: str = ""


guard_transitions(col(SchemeFileProposalRow.state), SCHEME_FILE_TRANSITIONS)
