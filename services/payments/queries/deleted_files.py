"""The documents of claims that are to go."""

from services.payments.settings import Settings
from services.payments.tables import ClaimFileRow
from shared.database.engine import Sessions
from shared.files.deleted import DeletedFiles
from shared.files.store import FileStore
from shared.kernel.clock import ProgrammeClock


def deleted_files(sessions: Sessions, settings: Settings) -> DeletedFiles:
    """A job: its `run` deletes them, with a pause after each round."""
    return DeletedFiles(sessions, ClaimFileRow, FileStore(settings.files), settings.clock(), ProgrammeClock())
