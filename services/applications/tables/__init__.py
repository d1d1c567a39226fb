"""The tables of applications: calls, applications, their versions, files, imported rows, erasures, members, readers, holds, removals,
notes, overrules, acts on many, providers, invitations, drafts and wordings of calls, proposed
policies and forms."""

from services.applications.tables.applications import ApplicationRow
from services.applications.tables.base import Table
from services.applications.tables.calls import CallDraftRow, CallRow, CallWordingRow
from services.applications.tables.erasures import ErasureRow
from services.applications.tables.files import FileRow
from services.applications.tables.form_versions import FormVersionRow
from services.applications.tables.holds import HoldRow
from services.applications.tables.imports import ImportRow
from services.applications.tables.invitations import InvitationRow
from services.applications.tables.members import MemberRow
from services.applications.tables.providers import ProviderRow
from services.applications.tables.readers import ReaderRow
from services.applications.tables.retention import RetentionResultRow, RetentionRunRow
from services.applications.tables.scheme_files import SchemeFileProposalRow
from services.applications.tables.screening import BulkActRow, NoteRow, OverruleRow

__all__ = [
    "ApplicationRow", "BulkActRow", "CallDraftRow", "CallRow", "CallWordingRow", "ErasureRow", "FileRow", "FormVersionRow", "HoldRow",
    "ImportRow",
    "InvitationRow", "MemberRow", "NoteRow", "OverruleRow", "ProviderRow", "ReaderRow", "RetentionResultRow", "RetentionRunRow",
    "SchemeFileProposalRow", "Table",
]  # fmt: skip
