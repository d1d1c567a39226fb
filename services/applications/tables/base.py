"""The base of the applications service's tables."""

from collections.abc import Iterable

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """Base of this service's tables."""


def one_of(column: str, words: Iterable[str]) -> str:
    """The SQL condition that `column` holds one of `words`."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"
