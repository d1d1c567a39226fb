"""The base of vouchers' tables."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database.base import INSTANT


class Table(SQLModel, registry=registry()):
    """Base of this service's tables, those of `deadlines` included."""


def instant() -> Any:
    """A column for an instant that is not known yet."""
    return Field(default=None, sa_type=INSTANT)


def one_of(column: str, words: Iterable[str]) -> str:
    """The SQL condition that `column` holds one of `words`."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"
