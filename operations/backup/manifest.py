"""The list of a backup's files with their hashes. It is written last: a folder without it, or that differs from it, is no backup."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20

OnProgress = Callable[[str, float], None]
"""Called with the name of a stage and the share of it, 0 to 1, that is done."""


class NoBackup(Exception):
    """The folder is not a complete backup, or its format is not one that this version reads."""


class Part(BaseModel):
    """One file: `path` within the backup, `size` in bytes, SHA-256 in hex."""

    model_config = ConfigDict(frozen=True)

    path: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """`taken_at` is real time, `programme_at` programme time: later changes are not in the backup. `postgres` is the server's version."""

    model_config = ConfigDict(frozen=True)

    format: int
    triptych: str
    postgres: str
    taken_at: datetime
    programme_at: datetime
    parts: list[Part]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)


def write(folder: Path, postgres: str, taken_at: datetime, programme_at: datetime, on_progress: OnProgress) -> Manifest:
    """Hashes every file in the folder and writes the manifest there."""
    parts = list(_parts(folder, "hashing", on_progress))
    manifest = Manifest(
        format=FORMAT, triptych=version("triptych"), postgres=postgres, taken_at=taken_at, programme_at=programme_at, parts=parts
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1))
    return manifest


def verified(folder: Path, on_progress: OnProgress) -> Manifest:
    """Returns the manifest after it has compared every file with it. Raises `NoBackup` when one is missing, extra or changed."""
    try:
        written = json.loads((folder / MANIFEST).read_text())
        if written.get("format") != FORMAT:
            raise NoBackup(f"{folder} is a backup of format {written.get('format')}; this version reads {FORMAT}.")
        manifest = Manifest.model_validate(written)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoBackup(f"{folder} holds no {MANIFEST}: it is no backup, or the backup was interrupted.") from error
    except (ValueError, ValidationError, AttributeError) as error:
        raise NoBackup(f"{folder / MANIFEST} cannot be read.") from error
    differing = _differences(set(manifest.parts), set(_parts(folder, "verifying", on_progress)))
    if differing:
        raise NoBackup(f"{folder} differs from its manifest: {', '.join(differing)}.")
    return manifest


def now() -> datetime:
    """Real time."""
    return datetime.fromtimestamp(int(time.time()), UTC)


def _differences(listed: set[Part], present: set[Part]) -> list[str]:
    names, found = {part.path for part in listed}, {part.path for part in present}
    changed = {part.path for part in listed - present if part.path in found}
    return [
        *(f"{path} is missing" for path in sorted(names - found)),
        *(f"{path} is not in the manifest" for path in sorted(found - names)),
        *(f"{path} has changed" for path in sorted(changed)),
    ]


def _parts(folder: Path, stage: str, on_progress: OnProgress) -> Iterator[Part]:
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir() and path != folder / MANIFEST)
    total, done = sum(path.lstat().st_size for path in paths), 0
    for path in paths:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                done += len(chunk)
                on_progress(stage, done / total if total else 1)
        yield Part(path=path.relative_to(folder).as_posix(), size=path.stat().st_size, sha256=digest.hexdigest())
