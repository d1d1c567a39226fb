"""What the routes share: the policies of this process, checked inputs, the scope of a list."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col

from shared.identity.actor import Actor
from shared.identity.permissions import Permission, acts_as_applicant, visible_regions
from shared.policy.resolver import PolicyBook


async def book_of(request: Request) -> PolicyBook:
    book: PolicyBook = request.app.state.book
    return book


Book = Annotated[PolicyBook, Depends(book_of)]
ReasonCode = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9.-]*$", max_length=80, description="A code; it goes into the event")]
PositiveMinor = Annotated[int, Field(gt=0, le=10**15)]


class Input(BaseModel):
    """A body: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Reason(Input):
    reason: ReasonCode


def in_scope(actor: Actor, permission: Permission, region: str | None, row: Any) -> list[Any]:
    """Criteria for a list: the actor's regions, and for an applicant its own organisation alone."""
    criteria: list[Any] = [col(row.region).in_(visible_regions(actor, region))]
    if acts_as_applicant(actor, permission):
        criteria.append(col(row.organisation_id) == actor.organisation_id)
    return criteria


def matching(**filters: tuple[Any, UUID | str | None]) -> list[Any]:
    """`name=(column, value)`: equal to each value that was given."""
    return [col(column) == value for column, value in filters.values() if value is not None]
