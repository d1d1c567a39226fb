"""A file of the bank that was refused waits for a person: it is tried again, or dismissed with a reason, or opened again after that."""

from enum import StrEnum

from services.payments.domain.states import BankFileState
from shared.kernel.errors import Conflict


class FileAct(StrEnum):
    """RETRIED: it is read once more, for instance after an upgrade. DISMISSED: nobody has to look at it. REOPENED: somebody has to."""

    RETRIED = "retried"
    DISMISSED = "dismissed"
    REOPENED = "reopened"


MISSING = "file-missing"
"""Why a file cannot be read once more: it is not where refused files are kept."""


def check_file_act(act: FileAct, state: str, *, dismissed: bool, waits: bool) -> None:
    """`waits`: it is going to be read once more. `Conflict` 'file-not-refused', 'file-dismissed', 'file-not-dismissed' or 'file-waits'."""
    if state != BankFileState.REFUSED:
        raise Conflict("file-not-refused", "The file was read, so there is nothing to do about it. Its lines stand on its page.")
    if act is FileAct.REOPENED and not dismissed:
        raise Conflict("file-not-dismissed", "The file is not dismissed. It waits for a person already.")
    if act is not FileAct.REOPENED and dismissed:
        raise Conflict("file-dismissed", "The file is dismissed. Open it again first.")
    if waits:
        raise Conflict("file-waits", "The file is about to be read once more. Read its page again in a minute.")
