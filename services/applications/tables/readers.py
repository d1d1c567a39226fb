"""Evaluators with access to an application."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.privileges import written_once


class ReaderRow(Table, table=True):
    """An evaluator who may read an application until recused, and all of it once `declared`; from evaluation's events."""

    __tablename__ = "readers"
    __table_args__ = (Index("ix_readers_evaluator", "evaluator_id", "application_id"), written_once(but="recused declared"))

    assignment_id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    evaluator_id: str
    recused: bool = False
    declared: bool = False
