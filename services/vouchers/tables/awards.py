"""The register of awards: what evaluation has granted, as the inbox recorded it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.vouchers.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once
from shared.privacy.sealed import about_subject


class AwardRow(Table, table=True):
    """One AwardGranted. Only the inbox writes it, and no row ever changes. A lifecycle takes all that it knows from here; a client
    that starts its workflow can only name the award. `terms`: JSON of `shared.contracts.common.AwardTerms`, None where the policy gives all
    the same."""

    __tablename__ = "awards"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="awards_something"), written_once())

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(index=True)
    call_id: UUID
    region: str
    organisation_id: UUID
    scheme: str
    policy_id: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    terms: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    granted_at: datetime = Field(sa_type=INSTANT)


about_subject(AwardRow, subject="organisation_id")
