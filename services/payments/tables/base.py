"""The base of payments' tables, and columns that recur."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database.base import INSTANT


class Table(SQLModel, registry=registry()):
    """Base of the service's own tables."""


def minor(default: int | None = None) -> Any:
    return Field(sa_type=BigInteger) if default is None else Field(default=default, sa_type=BigInteger)


def instant() -> Any:
    return Field(default=None, sa_type=INSTANT)


def refers(target: str, *, index: bool = True) -> Any:
    return Field(sa_column=Column(ForeignKey(target), nullable=False, index=index))


def one_of(column: str, words: Iterable[str]) -> str:
    """The SQL condition that `column` holds one of `words`."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"
