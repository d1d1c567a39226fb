"""The tables of applications: calls, applications, submitted versions, imported rows, and the evaluators who may read an application."""

from services.applications.tables.applications import ApplicationRow
from services.applications.tables.base import Table
from services.applications.tables.calls import CallRow
from services.applications.tables.form_versions import FormVersionRow
from services.applications.tables.imports import ImportRow
from services.applications.tables.readers import ReaderRow

__all__ = ["ApplicationRow", "CallRow", "FormVersionRow", "ImportRow", "ReaderRow", "Table"]
