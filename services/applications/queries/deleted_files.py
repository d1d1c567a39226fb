"""The files of applications that are to go."""

from services.applications.settings import Settings
from services.applications.tables import FileRow
from shared.database.engine import Sessions
from shared.files.deleted import DeletedFiles
from shared.files.store import FileStore
from shared.kernel.clock import ProgrammeClock


def deleted_files(sessions: Sessions, settings: Settings) -> DeletedFiles:
    """A job: its `run` deletes them, with a pause after each round."""
    return DeletedFiles(sessions, FileRow, FileStore(settings.files), settings.clock(), ProgrammeClock())
