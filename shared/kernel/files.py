"""Files of a folder that others write to, as the bank's. What is opened is a regular file of that folder: a link is never followed, a
pipe never waited for. Everything that reads, copies or moves such files does it here.

Others choose the names too. A name that is not `is_usable_name` is refused or replaced, so that no later name that is made of it
(`NAME.sig`, `NAME.sig.age`) is too long or cannot be written down.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from shared.kernel.printable import printable

LONGEST_NAME = 200
"""In bytes of UTF-8. A file system takes 255."""


class NotAFile(OSError):
    """A link, a pipe, a socket or a folder, or a name in a folder that is a link."""


FileFacts = tuple[int, int, int]
"""Inode, size in bytes, and time of the last change in nanoseconds since 1970."""
NOT_READABLE = (NotAFile, PermissionError)
"""What a reader of such a folder skips and reports: who writes there must not be able to stop it."""
_OURS = ("taken", "refused")
"""Folders of ours within a folder that others write to."""
_NO_FILE = (errno.ELOOP, errno.ENXIO, errno.ENOTDIR)  # a link, a socket, a link in the place of a folder


def open_file(path: Path, root: Path | None = None) -> BinaryIO:
    """The regular file, open for reading. No folder between `root` and it may be a link; `root` itself, by default the file's folder, may.

    Raises `NotAFile` for anything else, and as `open` does.
    """
    with _folder(path.parent, root or path.parent) as folder, _as_not_a_file(path):
        descriptor = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFile(f"{printable(str(path))} is no regular file")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, root: Path | None = None) -> bytes:
    """All bytes of what `open_file` opens."""
    with open_file(path, root) as file:
        return file.read()


def facts_of(path: Path) -> FileFacts:
    """Of what is there, whatever it is. Raises FileNotFoundError."""
    status = path.lstat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def facts_in(folder: Path, names: str) -> dict[Path, FileFacts]:
    """Of everything in the folder whose name fits the pattern and does not begin with a point."""
    found = {}
    for path in (path for path in folder.glob(names) if not path.name.startswith(".")):
        with suppress(FileNotFoundError):  # removed at this moment
            found[path] = facts_of(path)
    return found


_NO_DELIVERY = (".sig", ".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""Endings of a signature, and of what is not written to its end by the programs that transfer files."""


def deliveries_in(folder: Path) -> dict[Path, FileFacts]:
    """Of everything that a bank has delivered, whatever its name: banks name statements `.xml`, `.sta`, `.940`, `.txt` or by a number. Not
    what begins with a point or has one of the endings above; a folder only where it has the name of a message."""
    found = facts_in(folder, "*")
    return {path: facts for path, facts in found.items() if _is_delivery(path)}


def _is_delivery(path: Path) -> bool:
    name = path.name.lower()
    return name.endswith(".xml") or not (name.endswith(_NO_DELIVERY) or name in _OURS or path.is_dir())


class Arriving:
    """Which files of a folder are complete: those that are unchanged since the round before, so that none is read half written."""

    def __init__(self) -> None:
        self._last_round: Mapping[Path, FileFacts] = {}

    def complete(self, found: Mapping[Path, FileFacts]) -> list[Path]:
        """Of what this round has found, by name."""
        unchanged = [path for path, facts in sorted(found.items()) if self._last_round.get(path) == facts]
        self._last_round = found
        return unchanged


def is_usable_name(name: str) -> bool:
    """Whether every character can be printed, and the bytes are `LONGEST_NAME` at most."""
    return name.isprintable() and len(name.encode()) <= LONGEST_NAME


def usable_name(name: str) -> str:
    """The name itself where it is usable; else one of ours, always the same for this name."""
    return name if is_usable_name(name) else f"{hashlib.sha256(os.fsencode(name)).hexdigest()}.xml"


def move_file(path: Path, folder: Path, root: Path, name: str, parts: tuple[str, ...] = ("",)) -> None:
    """Moves what is at `path`, whatever it is, into `folder`, which is made where it is missing, under `name`, which is a usable name. What
    is there already stays, and the moved file gets a number.

    `root` holds both; raises `NotAFile` where a folder below it is a link. `parts`: what is moved, in this order, by the end of its
    name: '' is the file, '.sig' its signature, which may be missing. After a crash in between, the rest is moved by the next call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{Path(name).stem}-{number}{Path(name).suffix}" if number else name for number in count())
    with _folder(path.parent, root) as source, _folder(folder, root) as target:
        free = next(one for one in names if not os.path.lexists(folder / one))
        for part in parts:
            with suppress(*(OSError,) if part else ()):
                os.rename(path.name + part, free + part, src_dir_fd=source, dst_dir_fd=target)


@contextmanager
def _folder(path: Path, root: Path) -> Iterator[int]:
    """A descriptor of the folder, which stays that folder whatever is renamed meanwhile."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in path.relative_to(root).parts:
            with _as_not_a_file(path):
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _as_not_a_file(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_FILE:
            raise NotAFile(f"{printable(str(path))} is no regular file") from error
        raise
