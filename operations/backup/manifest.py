"""The list of a backup's files with their hashes, signed by the installation. It is written last: a folder without it, or that differs
from it, or whose list has another signature, is no backup."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from operations.backup.protection import is_signed_by, sign

FORMAT = 2
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
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
    """`taken_at` is real time, `programme_at` programme time: later changes are not in the backup. `postgres` is the server's version.

    `parts`: the files as they are in the folder; `encrypted`: each of them is an age file.
    """

    model_config = ConfigDict(frozen=True)

    format: int
    triptych: str
    postgres: str
    taken_at: datetime
    programme_at: datetime
    encrypted: bool
    parts: list[Part]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)


def write(
    folder: Path, postgres: str, taken_at: datetime, programme_at: datetime, *, encrypted: bool, signing_key: str, on_progress: OnProgress
) -> Manifest:
    """Hashes every file in the folder and writes the manifest and its signature there."""
    parts = list(_parts(folder, "hashing", on_progress))
    manifest = Manifest(
        format=FORMAT, triptych=version("triptych"), postgres=postgres, taken_at=taken_at, programme_at=programme_at,
        encrypted=encrypted, parts=parts,
    )  # fmt: skip
    content = manifest.model_dump_json(indent=1).encode()
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_text(sign(signing_key, content))
    return manifest


def verified(folder: Path, signer: str, on_progress: OnProgress) -> Manifest:
    """Returns the manifest after it has compared every file with it. Nothing else is read before its signature was checked.

    `signer`: the public key of the installation that took the backup. Raises `NoBackup` when it is unsigned or signed by another one, or
    when a file is missing, extra or changed.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_text() if (folder / SIGNATURE).exists() else ""
        if not is_signed_by(signer, content, signature):
            raise NoBackup(
                f"{folder / MANIFEST} is not signed by {signer}: it is of another installation, of an older version, or changed."
            )
        written = json.loads(content)
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
    """A link is a part that no manifest has: what it leads to was not compared, and is not copied."""
    found = (path for path in folder.rglob("*") if path not in (folder / MANIFEST, folder / SIGNATURE))
    paths = sorted(path for path in found if path.is_symlink() or not path.is_dir())
    total, done = sum(path.lstat().st_size for path in paths), 0
    for path in paths:
        if path.is_symlink():
            yield Part(path=path.relative_to(folder).as_posix(), size=0, sha256="a link")
            continue
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                done += len(chunk)
                on_progress(stage, done / total if total else 1)
        yield Part(path=path.relative_to(folder).as_posix(), size=path.stat().st_size, sha256=digest.hexdigest())
