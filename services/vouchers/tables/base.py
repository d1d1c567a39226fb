"""The base of vouchers' tables."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """Base of this service's tables, those of `deadlines` included."""
