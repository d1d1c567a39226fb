"""The objects in the store of files, read again from disk."""

import hashlib
from pathlib import Path

from shared.kernel.files import NOT_READABLE, open_file


def read_files(folder: Path) -> dict[str, str]:
    """Name of each object → SHA-256 of its bytes, which are encrypted; '' of what is no regular file, or cannot be read."""
    objects = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix(): _hash(path, folder) for path in objects}


def _hash(path: Path, folder: Path) -> str:
    try:
        with open_file(path, folder) as file:
            return hashlib.sha256(file.read()).hexdigest()
    except NOT_READABLE:
        return ""
