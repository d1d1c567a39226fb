"""The base of payments' tables, and columns that recur."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Table(SQLModel, registry=registry()):
    """Base of the service's own tables."""


def minor(default: int | None = None) -> Any:
    return Field(sa_type=BigInteger) if default is None else Field(default=default, sa_type=BigInteger)


def refers(target: str, *, index: bool = True) -> Any:
    return Field(sa_column=Column(ForeignKey(target), nullable=False, index=index))
