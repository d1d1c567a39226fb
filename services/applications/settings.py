"""Settings of `applications`, read from the environment."""

from typing import Annotated

from pydantic import AfterValidator, PositiveInt

from shared.files.clamav import Scanner
from shared.files.store import address_of_store
from shared.runtime.settings import ServiceSettings
from shared.web.uploads import LARGEST_MIB

DRAFTS_PER_CALL = 20


def _scanner_address(address: str) -> str:
    Scanner(address)  # ValueError
    return address


class Settings(ServiceSettings):
    """`drafts_per_call`: how many applications an organisation may begin in a call without submitting them. It bounds what one
    organisation can store, and is no rule of a programme: how many may be submitted stands in the policy.

    `files`: where the files of applications are kept (`shared/files/store.py`). `file_largest_mib`, `files_largest_mib`, `files_most`: the
    most that one file, and all files of an application, may have (MB of 1,048,576 bytes), and their number; a question may allow less.
    `clamav`: the socket of a ClamAV daemon (`shared/files/clamav.py`); without one files are marked as unscanned."""

    drafts_per_call: PositiveInt = DRAFTS_PER_CALL
    files: Annotated[str, AfterValidator(address_of_store)]
    file_largest_mib: PositiveInt = LARGEST_MIB
    files_largest_mib: PositiveInt = 100
    files_most: PositiveInt = 30
    clamav: Annotated[str, AfterValidator(_scanner_address)] = ""
