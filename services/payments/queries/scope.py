"""The rows of a list that an actor may see, and the filters of a list."""

from typing import Any
from uuid import UUID

from sqlmodel import col

from shared.identity.actor import Actor
from shared.identity.permissions import Permission, acts_as_applicant, visible_regions


def in_scope(actor: Actor, permission: Permission, region: str | None, row: Any) -> list[Any]:
    """Criteria for a list: the actor's regions, and for an applicant its own organisation alone."""
    criteria: list[Any] = [col(row.region).in_(visible_regions(actor, region))]
    if acts_as_applicant(actor, permission):
        criteria.append(col(row.organisation_id) == actor.organisation_id)
    return criteria


def matching(**filters: tuple[Any, UUID | str | None]) -> list[Any]:
    """`name=(column, value)`: equal to each value that was given."""
    return [col(column) == value for column, value in filters.values() if value is not None]
