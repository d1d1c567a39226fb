"""Public randomness of draws."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from services.evaluation.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class RandomnessRow(Table, table=True):
    """The beacon's round that enters the seed of a call's draw, with its proof: the file as it was given, its hash, the signature. The key
    stops a second one."""

    __tablename__ = "randomness"
    __table_args__ = written_once()

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    round: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=INSTANT)
    randomness: str
    signature: str
    file: str
    file_hash: str
    given_by: str
    given_at: datetime = Field(sa_type=INSTANT)
