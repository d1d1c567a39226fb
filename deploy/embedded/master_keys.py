"""The master keys, in a file of their own: outside the databases and in no backup, because with them everything can be read.

`triptych backup` leaves the file out and a restore leaves it where it is, so the operator keeps a copy elsewhere. Without it, what the
databases hold of persons and organisations is lost.
"""

import json
import secrets
from typing import TYPE_CHECKING

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
from shared.kernel.services import SERVICES

if TYPE_CHECKING:
    from shared.database.sealing import Sealer

TEMPORAL = "temporal"
_HOLDERS = (*SERVICES, TEMPORAL)


def ensure_master_keys(data: DataDirectory, *, expected: bool) -> None:
    """Makes the file, or adds the keys that it lacks. `ProcessFailed` when it is missing although it is `expected`: new keys would open
    nothing of what there is."""
    if not data.master_keys.exists():
        if expected:
            raise ProcessFailed(f"{data.master_keys} is missing. Put your copy of it there: without it what is stored cannot be read.")
        _write(data, {})
    keys = read_master_keys(data)
    if missing := [holder for holder in _HOLDERS if holder not in keys]:
        _write(data, keys | {holder: (secrets.token_hex(32),) for holder in missing})


def read_master_keys(data: DataDirectory) -> dict[str, tuple[str, ...]]:
    """Service, or 'temporal' → its keys in hex, the present one first."""
    return {holder: tuple(keys) for holder, keys in json.loads(data.master_keys.read_text()).items()}


def sealer_of(data: DataDirectory, holder: str, hash_key: str = "") -> "Sealer":
    """`hash_key` in hex: without it nothing can be looked for by a keyed hash, and no event be published."""
    from shared.database.sealing import Sealer  # with SQLAlchemy, for which a start would wait

    return Sealer([bytes.fromhex(key) for key in read_master_keys(data)[holder]], bytes.fromhex(hash_key))


def rotate_master_keys(data: DataDirectory) -> None:
    """Puts a new key before the others. For a stopped platform: the workers wrap everything with it as they start."""
    _write(data, {holder: (secrets.token_hex(32), *keys) for holder, keys in read_master_keys(data).items()})


def retire_master_keys(data: DataDirectory) -> None:
    """Removes all but the present keys. Payloads of Temporal that were written with a removed key cannot be read any more, so those of
    Temporal stay."""
    keys = read_master_keys(data)
    _write(data, {holder: keys[holder] if holder == TEMPORAL else keys[holder][:1] for holder in keys})


def _write(data: DataDirectory, keys: dict[str, tuple[str, ...]]) -> None:
    """Replaces the file in one step; only the owner can read it."""
    data.master_keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = data.master_keys.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(keys, indent=2))
    temporary.replace(data.master_keys)
