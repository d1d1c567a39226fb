"""The tables of applications: calls, applications, imported rows, erasures, and the evaluators who may read an application."""

from services.applications.tables.applications import ApplicationRow
from services.applications.tables.base import Table
from services.applications.tables.calls import CallRow
from services.applications.tables.erasures import ErasureRow
from services.applications.tables.imports import ImportRow
from services.applications.tables.readers import ReaderRow

__all__ = ["ApplicationRow", "CallRow", "ErasureRow", "ImportRow", "ReaderRow", "Table"]
