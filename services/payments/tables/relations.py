"""What relates organisations and providers, as keyed hashes."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.payments.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class RelationRow(Table, table=True):
    """A relation of an organisation (from its applications) or of a payee (from its registration): kind and keyed hash. What was once known
    is never removed: a provider that changes its owner for a day stays related."""

    __tablename__ = "relations"
    __table_args__ = (written_once(),)

    subject_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    since: datetime = Field(sa_type=INSTANT)
