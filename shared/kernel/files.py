"""Files of a folder that others write to, as the bank's. What is opened is a regular file of that folder: a link is never followed, a
pipe never waited for. Everything that reads, copies or moves such files does it here.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO


class NotAFile(OSError):
    """A link, a pipe, a socket or a folder, or a name in a folder that is a link."""


NOT_READABLE = (NotAFile, PermissionError)
"""What a reader of such a folder skips and reports: who writes there must not be able to stop it."""
_NO_FILE = (errno.ELOOP, errno.ENXIO, errno.ENOTDIR)  # a link, a socket, a link in the place of a folder


def open_file(path: Path, root: Path | None = None) -> BinaryIO:
    """The regular file, open for reading. No folder between `root` and it may be a link; `root` itself, by default the file's folder, may.

    Raises `NotAFile` for anything else, and as `open` does.
    """
    with _folder(path.parent, root or path.parent) as folder, _as_not_a_file(path):
        descriptor = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFile(f"{path} is no regular file")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, root: Path | None = None) -> bytes:
    """All bytes of what `open_file` opens."""
    with open_file(path, root) as file:
        return file.read()


def move_file(path: Path, folder: Path, root: Path, parts: tuple[str, ...] = ("",)) -> None:
    """Moves what has this name, whatever it is, into `folder`, under a name that is free there; the folder is made where it is missing.

    `root` holds both; raises `NotAFile` where a folder below it is a link. `parts`: what is moved, in this order, by the end of its
    name: '' is the file, '.sig' its signature, which may be missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{path.stem}-{number}{path.suffix}" if number else path.name for number in count())
    with _folder(path.parent, root) as source, _folder(folder, root) as target:
        free = next(name for name in names if not os.path.lexists(folder / name))
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
            raise NotAFile(f"{path} is no regular file") from error
        raise
