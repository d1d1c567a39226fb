"""What a process needs that takes files from people: settings, the store, limits and the scanner."""

from typing import Annotated

from fastapi import FastAPI
from pydantic import AfterValidator, PositiveInt

from shared.files.clamav import Scanner
from shared.files.limits import MIB, Limits
from shared.files.store import FileStore, address_of_store
from shared.runtime.settings import ServiceSettings
from shared.web.uploads import LARGEST_MIB, FileTraffic


def _scanner_address(address: str) -> str:
    Scanner(address)  # ValueError
    return address


class FileSettings(ServiceSettings):
    """`files`: where the files of this service are kept (`shared/files/store.py`); two services never have the same place.
    `file_largest_mib`, `files_largest_mib`, `files_most`: the most that one file, and all files of an application or claim, may have
    (MB of 1,048,576 bytes), and their number. `clamav`: the socket of a ClamAV daemon (`shared/files/clamav.py`); without one files are
    marked as unscanned."""

    files: Annotated[str, AfterValidator(address_of_store)]
    file_largest_mib: PositiveInt = LARGEST_MIB
    files_largest_mib: PositiveInt = 100
    files_most: PositiveInt = 30
    clamav: Annotated[str, AfterValidator(_scanner_address)] = ""


def open_files(app: FastAPI, settings: FileSettings) -> None:
    """Opens the store and puts it, with limits and scanner, where `shared.web.uploads` looks for them."""
    app.state.file_limits = Limits(settings.files_most, settings.files_largest_mib * MIB)
    app.state.files = FileStore(settings.files)
    app.state.file_traffic = FileTraffic(Scanner(settings.clamav), settings.file_largest_mib * MIB)
