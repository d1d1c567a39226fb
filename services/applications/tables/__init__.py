"""The tables of applications: calls, applications, imported rows, the evaluators who may read an application, legal holds, removals."""

from services.applications.tables.applications import ApplicationRow
from services.applications.tables.base import Table
from services.applications.tables.calls import CallRow
from services.applications.tables.holds import HoldRow
from services.applications.tables.imports import ImportRow
from services.applications.tables.readers import ReaderRow
from services.applications.tables.retention import RetentionResultRow, RetentionRunRow

__all__ = ["ApplicationRow", "CallRow", "HoldRow", "ImportRow", "ReaderRow", "RetentionResultRow", "RetentionRunRow", "Table"]
