"""The rows of a list that an actor may see: one criterion for the lists of all services."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col

from shared.identity.actor import Actor
from shared.identity.permissions import Permission, Unowned, acts_as_applicant, visible_regions


def in_scope(
    actor: Actor, permission: Permission, requested: str | None, row: Any, *, owner: Any = Unowned.NO_APPLICANT
) -> ColumnElement[bool]:
    """Rows of the regions in which the actor has the permission, or of the one requested (`Forbidden` 'foreign-region').

    `owner` is the row's column of the organisation, or an `Unowned` for the whole table. Where the actor is an applicant only, the
    rows are those of the own organisation.
    """
    regions = visible_regions(actor, permission, requested)
    if owner is Unowned.OPEN:
        return col(row.region).in_(regions)
    as_applicant = frozenset(place for place in regions if acts_as_applicant(actor, permission, place))
    own: ColumnElement[bool] = false()
    if owner is not Unowned.NO_APPLICANT and actor.organisation_id is not None:
        own = and_(col(row.region).in_(as_applicant), col(owner) == actor.organisation_id)
    return or_(col(row.region).in_(regions - as_applicant), own)
