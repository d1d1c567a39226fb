"""The columns of a policy or a form of a scheme that is kept as its text: proposed in applications, published in each service."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel


class SchemeFileColumns(SQLModel):
    """`kind`: policy or form. `effective_from`: the first day on which it holds. A published file has the id of its proposal."""

    id: UUID = Field(primary_key=True)
    kind: str
    region: str
    scheme: str
    effective_from: date
    text: str
