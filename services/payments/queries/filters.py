"""The filters of a list."""

from typing import Any
from uuid import UUID

from sqlmodel import col


def matching(**filters: tuple[Any, UUID | str | None]) -> list[Any]:
    """`name=(column, value)`: equal to each value that was given."""
    return [col(column) == value for column, value in filters.values() if value is not None]
